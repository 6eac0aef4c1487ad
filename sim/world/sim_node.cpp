#include "sim/world/sim_node.hpp"

#include <algorithm>
#include <utility>

#include "actors/replication/log_start.hpp"
#include "actors/runtime/features.hpp"
#include "protocols/schema/base/assert.hpp"
#include "sim/world/sim_node_process.hpp"

namespace bv::sim {
namespace {

/// Oftener than in production: a run is short, and so are its logs.
constexpr std::uint64_t between_looks_ms = 4000;

std::string name_of(std::uint16_t number) { return "n" + std::to_string(number + 1); }

}  // namespace

sim_node::sim_node(std::uint16_t number, surroundings around)
    : number_(number),
      name_(name_of(number)),
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
      seat_->founded.founders.push_back({i + std::uint64_t{1}, name_of(i), name_of(i)});
  }
  if (!around_.what.where.clustered()) return;
  disk_.on_note([this](std::string_view cursor, storage::shard_id shard, storage::event_offset at) {
    if (cursor == replication::committed_cursor) see_committed(shard, storage::log_index{at.value});
  });
  disk_.on_truncate([this](storage::shard_id shard, storage::log_index from) {
    const auto hard = process_ ? process_->store.log->read_hard_state(shard) : storage::hard_state{};
    if (hard) around_.replicas->truncated(id().value, shard, from, hard->term);
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
  for (std::uint16_t i = 0; i < where.founding_nodes(); ++i) seeds.push_back(name_of(i));
  around_.log.add(around_.time.now(), trace_kind::node, name_, "waits to be let in");
  newcomer_ = std::make_unique<newcomer>(
      runtime::node_hello{.node = id(), .cluster = 0, .name = name_, .address = name_,
                          .feature_level = runtime::own_feature_level()},
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
  runtime::cluster_options place{.self = {.node = id(), .cluster = seat_->founded.cluster, .name = name_, .address = name_,
                                          .feature_level = runtime::own_feature_level()},
                                 .founded = seat_->founded,
                                 .members = seat_->members,
                                 .lost_after = where.lost_after};
  place.group.message_bytes_max = where.message_bytes_max;
  place.group.uncommitted_max = where.uncommitted_max;
  place.group.between_looks_ms = between_looks_ms;
  for (std::uint16_t i = 0; i < where.founding_nodes(); ++i) place.addresses.push_back(name_of(i));
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

void sim_node::view(runtime::view_request request, runtime::view_handler answer) {
  const auto number = ++process_->asked;
  process_->unanswered[number] = {around_.time.now(), "view of " + request.entity.text()};
  process_->actors->entities().view(
      std::move(request), [this, mine = starts_, number, answer = std::move(answer)](result<runtime::entity_view> said) {
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

}  // namespace bv::sim
