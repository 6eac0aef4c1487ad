#include "sim/world/sim_node.hpp"

#include <algorithm>
#include <utility>

#include "actors/replication/log_start.hpp"
#include "protocols/schema/base/assert.hpp"
#include "protocols/schema/cluster/frames.hpp"
#include "protocols/schema/contract.hpp"
#include "sagas/commerce/commerce_domain.hpp"
#include "sagas/commerce/commerce_sagas.hpp"
#include "sim/world/batch_records.hpp"

namespace bv::sim {
namespace {

std::string node_name_of(std::uint16_t number) { return "n" + std::to_string(number + 1); }

}  // namespace

/// What a crash takes with it; in the order in which each needs those before it.
struct sim_node::process {
  process(sim_node& of)
      : later(of.around_.time),
        hosted(domains(of), of.notes_of_process()) {}

  std::vector<sagas::domain> domains(sim_node& of) {
    std::vector<sagas::domain> all;
    all.push_back(commerce_sagas::commerce_domain(std::make_shared<sagas::downstream>(
        std::string(commerce_sagas::payment_processor), of.around_.processor.reached_from(of.name_, alive),
        commerce_sagas::processor_policy(), of.clock_, later)));
    return all;
  }

  struct waiting {
    timestamp since;
    std::string what;
  };

  const std::shared_ptr<const bool> alive = std::make_shared<const bool>(true);
  virtual_timer later;
  sagas::application hosted;
  storage::store store;
  std::unique_ptr<sim_links> links;  ///< in a cluster
  std::unique_ptr<runtime::node> actors;
  bool recovered = false;
  std::map<std::uint64_t, waiting> unanswered;
  std::uint64_t asked = 0;
};

sim_node::sim_node(std::uint16_t number, surroundings around)
    : number_(number),
      name_(node_name_of(number)),
      around_(std::move(around)),
      clock_(around_.time),
      disk_(around_.time,
            {.tier = around_.what.where.tier,
             .shards = around_.what.where.shards,
             .write_time = around_.what.journal_write,
             .seed = runtime::derive_seed(around_.what.seed, "disk/" + name_),
             .folder = around_.folder,
             .replicated = around_.what.where.clustered()},
            [this](storage::shard_id shard, storage::log_index index, bytes_view data) {
              if (around_.replicas) return around_.replicas->written(id().value, shard, index, data);
              see_batch(shard, index, data);
            },
            [this](std::uint64_t number_of_write) { around_.write_begun(number_, number_of_write); }) {
  if (number < around_.what.clocks.size()) clock_.set(around_.what.clocks[number]);
  if (const auto& where = around_.what.where; where.clustered() && number < where.founding_nodes()) {
    seat_.emplace(runtime::found_cluster{{.cluster = 1, .shards = where.shards, .replicas = where.replicas, .founders = {}}, {}});
    for (std::uint16_t i = 0; i < where.founding_nodes(); ++i)
      seat_->founded.founders.push_back({i + std::uint64_t{1}, node_name_of(i), node_name_of(i)});
  }
  if (around_.what.where.clustered())
    disk_.on_note([this](std::string_view cursor, storage::shard_id shard, storage::event_offset at) {
      if (cursor == replication::committed_cursor) see_committed(shard, storage::log_index{at.value});
    });
}

sim_node::~sim_node() {
  if (process_) crash(unsynced::lost);
}

result<void> sim_node::start() {
  BV_ASSERT(!process_, "a node is started while it runs");
  if (around_.what.where.clustered() && !seat_) return wait_to_be_let_in();
  const auto& what = around_.what;
  const auto seed = runtime::derive_seed(what.seed, "process/" + name_ + "/" + std::to_string(++starts_));
  auto starting = std::make_unique<process>(*this);
  BV_ASSIGN(starting->store, disk_.open());
  turns_ = std::make_unique<actor_turns>(runtime::derive_seed(seed, "turns"), what.shuffle_turns);
  turns_since_ = around_.time.now();
  runtime::node_options options{.shards = what.where.shards,
                                .seed = seed,
                                .bounds = what.bounds,
                                .aggregates = {},
                                .projections = {},
                                .handlers = {},
                                .notes = notes_of_process(),
                                .cluster = place_in_cluster()};
  if (options.cluster) {
    starting->links = std::make_unique<sim_links>(name_, starts_, around_.time, *around_.net, *around_.board);
    starting->links->watch([this](runtime::node_id to, bytes_view frame) { see_frame(to, frame); });
    options.cluster->net = starting->links.get();
  }
  starting->hosted.register_with(options);
  starting->actors = std::make_unique<runtime::node>(turns_->system(), starting->store, clock_, std::move(options));
  process_ = std::move(starting);
  around_.log.add(around_.time.now(), trace_kind::node, name_, "starts");
  if (!around_.what.where.clustered()) BV_TRY(see_unseen());
  process_->actors->start([this, mine = starts_](result<void> outcome) {
    if (mine != starts_ || !process_) return;
    process_->recovered = outcome.has_value();
    around_.log.add(around_.time.now(), trace_kind::node, name_,
                    outcome ? "serves" : "can't recover: " + describe(outcome.error()));
  });
  return {};
}

result<void> sim_node::wait_to_be_let_in() {
  if (newcomer_) return {};
  const auto& where = around_.what.where;
  std::vector<std::string> seeds;
  for (std::uint16_t i = 0; i < where.founding_nodes(); ++i) seeds.push_back(node_name_of(i));
  around_.log.add(around_.time.now(), trace_kind::node, name_, "waits to be let in");
  newcomer_ = std::make_unique<newcomer>(
      runtime::node_hello{.node = id(), .cluster = 0, .name = name_, .address = name_},
      runtime::founding::wishes{.shards = where.shards, .replicas = where.replicas, .seeds = 0, .cluster = 0}, std::move(seeds),
      newcomer::surroundings{++starts_, around_.time, *around_.net, *around_.board}, [this](runtime::found_cluster found) {
        seat_ = std::move(found);
        newcomer_.reset();
        const auto started = start();
        BV_ASSERT(started, "an empty disk opens");
      });
  return {};
}

runtime::roster::view_ptr sim_node::members() const {
  const auto* const all = process_ ? process_->actors->members() : nullptr;
  return all ? all->now() : nullptr;
}

void sim_node::crash(unsynced what) {
  if (!process_) return;
  around_.log.add(around_.time.now(), trace_kind::node, name_, "crashes");
  disk_.crash(what);
  // Nothing that happens from here on leaves the node: its store is dead, and nobody listens to it.
  ++starts_;
  stopping_ = false;
  // Nor do frames: a node that stood still has mail to deal with, and would answer it now.
  if (process_->links) process_->links->stop();
  bool gone = false;
  process_->actors->abandon([&] { gone = true; });
  while (turns_->run_one()) {
  }
  BV_ASSERT(gone, "an actor outlives its node");
  process_.reset();
  turns_.reset();
  paused_until_ = {};
  disk_.settle_after_crash();
}

std::optional<runtime::cluster_options> sim_node::place_in_cluster() const {
  const auto& where = around_.what.where;
  if (!where.clustered()) return std::nullopt;
  runtime::cluster_options place{.self = {.node = id(), .cluster = seat_->founded.cluster, .name = name_, .address = name_},
                                 .founded = seat_->founded,
                                 .members = seat_->members,
                                 .lost_after = where.lost_after};
  for (std::uint16_t i = 0; i < where.founding_nodes(); ++i) place.addresses.push_back(node_name_of(i));
  return place;
}

void sim_node::stop(std::function<void()> stopped) {
  stopping_ = true;
  stop_began_ = around_.time.now();
  process_->actors->stop([this, mine = starts_, stopped = std::move(stopped)] {
    if (mine == starts_) stopped();
  });
}

result<void> sim_node::close() {
  disk_.release();
  stopping_ = false;
  auto closed = process_->store.close();
  process_.reset();
  turns_.reset();
  return closed;
}

bool sim_node::serving() const { return process_ && process_->recovered && process_->actors->ready(); }

void sim_node::ask(runtime::command_request request, runtime::receipt_handler answer) {
  const auto number = ++process_->asked;
  process_->unanswered[number] = {around_.time.now(), request.command_id + " to " + request.entity.text()};
  process_->actors->entities().ask(std::move(request), [this, mine = starts_, number, answer = std::move(answer)](
                                                           result<runtime::receipt> said) {
    if (mine != starts_) return;
    const auto waited = process_->unanswered.erase(number);
    BV_ASSERT(waited == 1, "a command is answered twice");
    answer(std::move(said));
  });
}

void sim_node::view(const entity_key& entity, runtime::view_handler answer) {
  const auto number = ++process_->asked;
  process_->unanswered[number] = {around_.time.now(), "view of " + entity.text()};
  process_->actors->entities().view(
      entity, {}, [this, mine = starts_, number, answer = std::move(answer)](result<runtime::entity_view> said) {
        if (mine != starts_) return;
        const auto waited = process_->unanswered.erase(number);
        BV_ASSERT(waited == 1, "a view is answered twice");
        answer(std::move(said));
      });
}

std::vector<std::string> sim_node::left_unanswered() const {
  return unanswered_for(around_.time.now() - stop_began_ + duration{1});
}

bool sim_node::leads(storage::shard_id shard) const {
  return process_ && around_.what.where.clustered() && process_->actors->cluster().shards.at(shard.value).serving;
}

std::vector<std::string> sim_node::unanswered_for(duration at_least) const {
  std::vector<std::string> all;
  if (!process_) return all;
  for (const auto& [number, one] : process_->unanswered)
    if (around_.time.now() - one.since >= at_least) all.push_back(one.what);
  return all;
}

bool sim_node::idle() const { return !process_ || paused_until_ > around_.time.now() || turns_->idle(); }

std::optional<timestamp> sim_node::next_due() const {
  if (!process_) return std::nullopt;
  const bool held_up = paused_until_ > around_.time.now();
  if (held_up && !turns_->idle()) return paused_until_;
  const auto due = turns_->next_due();
  if (!due) return std::nullopt;
  return std::max(turns_since_ + *due, held_up ? paused_until_ : timestamp{});
}

void sim_node::pass_to(timestamp now) {
  if (process_) turns_->pass_to(now - turns_since_);
}

node_load sim_node::load() const {
  node_load seen{.node = number_};
  if (!process_) return seen;
  const auto measured = process_->actors->metrics();
  const auto& bounds = around_.what.bounds;
  seen.entities_live = measured.entities_live;
  seen.in_flight = measured.in_flight;
  seen.entities_live_max = std::int64_t{bounds.live_entities_per_shard_max} * around_.what.where.shards;
  seen.in_flight_max = std::int64_t{bounds.in_flight_per_shard_max} * around_.what.where.shards;
  seen.serving = serving();
  return seen;
}

bool sim_node::at_rest() const {
  if (!serving() || disk_.writing() || !turns_->idle() || !process_->unanswered.empty()) return false;
  const auto measured = process_->actors->metrics();
  if (measured.in_flight != 0) return false;
  for (const auto& one : measured.projections)
    if (one.events_behind != 0) return false;
  for (const auto& one : measured.subscriptions)
    if (one.events_behind != 0) return false;
  return true;
}

void sim_node::rebuild_read_models() {
  for (const auto& one : process_->actors->metrics().projections) process_->actors->rebuild(one.name);
}

bool sim_node::rebuilding() const {
  return std::ranges::any_of(process_->actors->metrics().projections, &runtime::projection_status::rebuilding);
}

result<std::map<std::string, read_model_rows>> sim_node::read_models() const {
  // The runtime's own rows, which come first, are none of the read model's.
  static const bytes first_key(1, '\1'), after_last_key(1, '\xff');
  std::map<std::string, read_model_rows> all;
  for (const auto& one : process_->actors->metrics().projections) {
    if (!one.failed.empty()) return failure(error_kind::internal, "read_model_stopped", one.failed, one.name);
    auto& rows = all[one.name];
    BV_TRY(process_->actors->projection_of(one.name)->scan(first_key, after_last_key, false, [&](bytes_view key, bytes_view value) {
      rows.emplace(key, value);
      return true;
    }));
  }
  return all;
}

runtime::node& sim_node::actors() { return *process_->actors; }

runtime::note_handler sim_node::notes_of_process() {
  return [this, mine = starts_](const runtime::note& said) {
    if (mine == starts_) note(said);
  };
}

void sim_node::note(const runtime::note& said) {
  if (said.level == runtime::note_level::info) return;
  around_.log.add(around_.time.now(), trace_kind::node, name_,
                  std::string(said.message) + (said.entity.empty() ? "" : " (" + std::string(said.entity) + ")"));
}

result<std::vector<observed_record>> sim_node::decode(storage::shard_id shard, storage::log_index index, bytes_view data) const {
  auto contracts = process_->hosted.contracts();
  contracts.push_back(&runtime::members::contract::reflection());
  return batch_records(contracts, {around_.what.where.shop_of(number_), shard, index, around_.time.now()}, data);
}

void sim_node::see_batch(storage::shard_id shard, storage::log_index index, bytes_view data) {
  auto& seen = seen_[shard.value];
  BV_ASSERT(index == seen.next(), "a batch is handed on twice, or one is left out");
  seen = index;
  auto records = decode(shard, index, data);
  BV_ASSERT(records, "the node writes a batch that can't be read");
  for (auto& one : *records) around_.committed(std::move(one));
}

void sim_node::see_committed(storage::shard_id shard, storage::log_index through) {
  auto& log = *process_->store.log;
  through = std::min(through, log.bounds(shard).last);  // a founder notes its entry before it writes it
  bool first = false;
  for (auto& seen = seen_[shard.value]; seen < through;) {
    const auto page = log.read(shard, seen.next(), std::size_t{1} << 20);
    BV_ASSERT(page && !page->empty(), "a node holds something to be committed that it does not have");
    for (const auto& entry : *page) {
      if (entry.index > through) break;
      seen = entry.index;
      first = around_.replicas->add(id().value, shard, entry.index, entry.data);
      if (!first) continue;
      auto records = decode(shard, entry.index, entry.data);
      BV_ASSERT(records, "a batch is committed that can't be read");
      for (auto& one : *records) around_.committed(std::move(one));
    }
  }
  if (const auto hard = log.read_hard_state(shard); first && hard)
    around_.replicas->first_to_commit(id().value, shard, through, hard->term);
}

void sim_node::see_frame(runtime::node_id to, bytes_view data) {
  runtime::frames::frame sent;
  if (!runtime::frames::decode(data, sent)) return;
  if (const auto* const said = std::get_if<replication::body>(&sent.content)) see_said(to, storage::shard_id{sent.shard}, *said);
  if (const auto* const several = std::get_if<runtime::frames::beat>(&sent.content))
    for (const auto& one : several->said) see_said(to, storage::shard_id{one.shard}, one.body);
}

void sim_node::see_said(runtime::node_id to, storage::shard_id shard, const replication::body& what) {
  const auto hard = process_->store.log->read_hard_state(shard);
  if (hard) around_.replicas->sent(id().value, to.value, shard, what, {*hard, process_->store.log->bounds(shard).last});
}

std::optional<std::vector<storage::log_index>> sim_node::level() const {
  std::vector<storage::log_index> all;
  for (const auto& one : process_->actors->cluster().shards) {
    if (one.taken_in != one.committed) return std::nullopt;
    all.push_back(one.committed);
  }
  return all;
}

result<void> sim_node::see_unseen() {
  for (std::uint16_t i = 0; i < around_.what.where.shards; ++i) {
    const storage::shard_id shard{i};
    auto& log = *process_->store.log;
    for (auto from = seen_[i].next(); from <= log.bounds(shard).last;) {
      BV_ASSIGN(const auto page, log.read(shard, from, std::size_t{1} << 20));
      for (const auto& entry : page) see_batch(shard, entry.index, entry.data);
      from = page.back().index.next();
    }
  }
  return {};
}

result<std::vector<observed_record>> sim_node::read_disk() {
  std::vector<observed_record> all;
  for (std::uint16_t i = 0; i < around_.what.where.shards; ++i) {
    const storage::shard_id shard{i};
    auto& log = *process_->store.log;
    const auto last = around_.what.where.clustered() ? seen_[i] : log.bounds(shard).last;
    for (storage::log_index from{1}; from <= last;) {
      BV_ASSIGN(const auto page, log.read(shard, from, std::size_t{1} << 20));
      for (const auto& entry : page) {
        if (entry.index > last) break;
        if (around_.replicas) around_.replicas->add(id().value, shard, entry.index, entry.data);
        BV_ASSIGN(auto records, decode(shard, entry.index, entry.data));
        for (auto& one : records) all.push_back(std::move(one));
      }
      from = page.back().index.next();
    }
  }
  return all;
}

}  // namespace bv::sim
