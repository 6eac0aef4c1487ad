#include "tests/actors/runtime/member_world.hpp"

#include <algorithm>
#include <utility>

#include "actors/runtime/placement.hpp"
#include "tests/actors/runtime/charters.hpp"

namespace bv::test {
namespace {

constexpr storage::shard_id only_shard{0};
constexpr duration disk_takes = std::chrono::milliseconds{1}, frame_takes = std::chrono::milliseconds{1};
constexpr duration tick_every = std::chrono::milliseconds{25};
constexpr duration patience = std::chrono::seconds{10};

class no_facts final : public runtime::facts {
  std::optional<bytes> find(std::string_view, std::string_view) const override { return std::nullopt; }
};
const no_facts nothing_known;

}  // namespace

/// Frames to the other seats; they come through their bytes, as between machines.
class seat::wire final : public runtime::interconnect {
 public:
  explicit wire(seat& of) : of_(of) {}
  result<void> start(const runtime::node_hello&, runtime::interconnect_listener&) override { return {}; }
  void announce(const runtime::node_hello&) override {}
  void connect(std::vector<std::string>) override {}
  void disconnect(runtime::node_id) override {}
  void stop() override {}
  bool send(runtime::node_id to, bytes data) override {
    auto& world = of_.world_;
    runtime::frames::frame sent;
    REQUIRE(runtime::frames::decode(data, sent).has_value());
    if (to.value > world.seats.size()) {
      world.strays.emplace_back(to, std::move(sent.content));
      return true;
    }
    auto& there = world.at(to.value);
    if (!there.up() || world.unlinked.contains({of_.id, to})) return false;
    if (world.cuts.contains({of_.id, to})) return true;
    there.world_.time.after(frame_takes, [&there, mine = there.incarnation_, from = of_.id, content = std::move(sent.content)]() mutable {
      if (mine != there.incarnation_ || !there.up()) return;
      there.member_->on_frame(from, std::move(content));
      there.write_later();
    });
    return true;
  }

 private:
  seat& of_;
};

seat::seat(member_world& world, runtime::node_id who)
    : id(who),
      world_(world),
      clock_(world.time),
      lots_(runtime::derive_seed(7, "seat " + std::to_string(who.value))),
      wire_(std::make_unique<wire>(*this)),
      roster_(charter_of({who}, 1), {}),
      links_({.node = who, .cluster = 1, .name = "n" + std::to_string(who.value), .address = {}, .feature_level = runtime::own_feature_level()},
             roster_, *wire_, notes_),
      place_{who, links_, world.group, permits_} {}

seat::~seat() = default;

member_world::~member_world() {
  for (const auto& one : seats)
    if (one->up()) one->crash();
}

void seat::start() {
  auto opened = storage::open_memory_store(disk, {.catches_up = false});
  REQUIRE(opened.has_value());
  store = *std::move(opened);
  const auto seed = runtime::derive_seed(id.value, std::to_string(++incarnation_));
  took_effect.clear();
  led.clear();
  started.reset();
  member_ = std::make_unique<runtime::shard_member>(only_shard, seed, place_,
                                                    runtime::shard_member::environment{.store = store,
                                                                                       .host = *this,
                                                                                       .time = clock_,
                                                                                       .types = world_.types,
                                                                                       .measured = measured,
                                                                                       .standing = standing,
                                                                                       .entities = *this,
                                                                                       .bounds = world_.bounds,
                                                                                       .notes = notes_});
  shard_ = std::make_unique<runtime::shard>(only_shard, seed,
                                            runtime::shard::environment{.store = store,
                                                                        .log = member_->log(),
                                                                        .time = clock_,
                                                                        .types = world_.types,
                                                                        .entities = *this,
                                                                        .known = nothing_known,
                                                                        .host = *this,
                                                                        .committed = *this,
                                                                        .measured = measured,
                                                                        .bounds = world_.bounds,
                                                                        .notes = notes_});
  member_->attach(*shard_);
  store.log->listen(only_shard, *this);
  std::vector<runtime::node_id> founders;
  for (std::uint64_t i = 1; i <= world_.seats.size(); ++i) founders.push_back(runtime::node_id{i});
  auto cluster = charter_of(founders, static_cast<std::uint16_t>(founders.size()));
  cluster.history = world_.history.value;
  member_->replica().start(runtime::group_beginning{runtime::founding_members(only_shard, cluster), world_.history},
                           [this](result<void> outcome) { started = std::move(outcome); });
  for (const auto& other : world_.seats)
    if (other->up() && other->id != id) world_.link(*this, *other, true);
  tick_later();
  write_later();
}

void seat::crash() {
  ++incarnation_;
  writing_ = false;
  disk.crash();
  shard_.reset();
  member_.reset();
  store = {};
  measured.in_flight.add(-measured.in_flight.value());
  for (const auto& other : world_.seats)
    if (other->up()) other->member_->on_link(id, false);
}

std::shared_ptr<const bool> seat::stop() {
  auto done = std::make_shared<bool>(false);
  member_->stop([done] { *done = true; });
  return done;
}

void seat::stick_disk(bool stuck) {
  disk_stuck_ = stuck;
  write_later();
}

void seat::tick_later() {
  world_.time.after(tick_every, [this, mine = incarnation_] {
    if (mine != incarnation_) return;
    member_->tick();
    write_later();
    tick_later();
  });
}

void seat::write_later() {
  if (writing_ || disk_stuck_ || disk.queued() == 0) return;
  writing_ = true;
  world_.time.after(disk_takes, [this, mine = incarnation_] {
    if (mine != incarnation_) return;
    writing_ = false;
    if (!disk_stuck_) disk.commit();
    write_later();
  });
}

shard_world::answer seat::send(std::string entity, counter::command command, std::string command_id) {
  auto place = std::make_shared<std::optional<result<runtime::receipt>>>();
  ask({.entity = counter_key(entity),
       .command = counter::contract::encode(command),
       .command_id = std::move(command_id),
       .from = {},
       .deadline = clock_.now() + patience,
       .expected_version = {}},
      [place](result<runtime::receipt> said) {
        CHECK_MESSAGE(!place->has_value(), "a handler was called twice");
        *place = std::move(said);
      });
  return place;
}

shard_world::view_answer seat::look(std::string entity, runtime::consistency wanted) {
  auto place = std::make_shared<std::optional<result<runtime::entity_view>>>();
  view({.entity = counter_key(entity), .deadline = clock_.now() + patience, .wanted = wanted}, [place](result<runtime::entity_view> said) {
    CHECK_MESSAGE(!place->has_value(), "a handler was called twice");
    *place = std::move(said);
  });
  return place;
}

void seat::ask(runtime::command_request request, runtime::receipt_handler answer) {
  measured.in_flight.add(1);  // as the router does
  post([this, asked = runtime::admitted_command{std::move(request), std::move(answer), clock_.now()}]() mutable {
    member_->deliver(std::move(asked));
  });
}

void seat::view(runtime::view_request request, runtime::view_handler answer) {
  measured.in_flight.add(1);
  post([this, asked = runtime::admitted_view{std::move(request), std::move(answer), clock_.now()}]() mutable {
    member_->deliver(std::move(asked));
  });
}

void seat::post(std::function<void()> action) { post_after({}, std::move(action)); }

void seat::post_after(duration delay, std::function<void()> action) {
  world_.time.after(delay, [this, mine = incarnation_, action = std::move(action)] {
    if (mine != incarnation_) return;
    action();
    write_later();
  });
}

void seat::recover(const entity_key& who, std::uint64_t tenure) {
  post([this, who, tenure] {
    shard_->on_recovered(who, tenure, runtime::recover_entity(store, only_shard, who, *world_.types.at("counter"), world_.bounds));
  });
}

void seat::in_background(std::function<void()> work) {
  ++background_works;
  post_after(background_takes, std::move(work));
}

std::uint64_t seat::now_ms() { return static_cast<std::uint64_t>((clock_.now() - timestamp{}).count()) / 1'000'000; }

void seat::on_durable(storage::shard_id, storage::log_index index) {
  post([this, index] { replica().on_durable(index); });
}

void seat::on_failed(storage::shard_id, storage::log_index, const error& why) {
  post([this, why] { replica().on_journal_failed(why); });
}

void seat::on_rot(storage::shard_id, storage::log_index index, const error& why) {
  post([this, index, why] { replica().on_rot(index, why); });
}

// --- The world -----------------------------------------------------------------------------------------------------

member_world::member_world(std::size_t count, replication::group_options options, runtime::limits limits)
    : group(options), bounds(limits) {
  for (std::uint64_t i = 1; i <= count; ++i) seats.push_back(std::make_unique<seat>(*this, runtime::node_id{i}));
  for (auto& one : seats) one->start();
}

seat& member_world::leader() {
  const auto found = std::ranges::find_if(seats, [](const auto& one) { return one->serves(); });
  REQUIRE(found != seats.end());
  return **found;
}

seat& member_world::other_than(const seat& one) {
  return **std::ranges::find_if(seats, [&](const auto& other) { return other->id != one.id && other->up(); });
}

void member_world::run_for(duration lasts) {
  run_until([] { return false; }, lasts);
}

bool member_world::run_until(const std::function<bool()>& come_true, duration at_most) {
  for (const auto end = time.now() + at_most;;) {
    if (come_true()) return true;
    if (time.run_one()) continue;
    const auto next = time.next();
    if (!next || *next > end) {
      time.pass_to(end);
      return come_true();
    }
    time.pass_to(*next);
  }
}

void member_world::settle() {
  REQUIRE(run_until([this] {
    const auto one = std::ranges::find_if(seats, [](const auto& each) { return each->serves(); });
    return one != seats.end() && std::ranges::all_of(seats, [&](const auto& each) {
             return !each->up() || ((each->serves() || each->replica().leader() == (*one)->id) && each->disk.queued() == 0 &&
                                    each->standing.taken_in == (*one)->replica().group().next_index().value - 1);
           });
  }));
}

void member_world::isolate(const seat& one) {
  for (const auto& other : seats)
    if (other->id != one.id) cut(one, *other);
}

void member_world::link(seat& one, seat& other, bool up) {
  for (const auto& way : {std::pair(one.id, other.id), std::pair(other.id, one.id)}) {
    if (up)
      unlinked.erase(way);
    else
      unlinked.insert(way);
  }
  one.member().on_link(other.id, up);
  other.member().on_link(one.id, up);
}

std::int64_t member_world::sum_of(seat& where, std::string id) {
  const auto seen = where.look(std::move(id));
  REQUIRE(run_until([&] { return seen->has_value(); }));
  REQUIRE((*seen)->has_value());
  counter::state state;
  REQUIRE(counter::contract::decode((**seen)->state, state).has_value());
  return state.sum;
}

}  // namespace bv::test
