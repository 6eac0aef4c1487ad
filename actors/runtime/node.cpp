#include "actors/runtime/node.hpp"

#include <algorithm>
#include <atomic>
#include <caf/actor_system.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>
#include <future>
#include <map>
#include <utility>

#include "actors/runtime/committed_log.hpp"
#include "actors/runtime/durable_mailer.hpp"
#include "actors/runtime/placement.hpp"
#include "actors/runtime/projection_runner.hpp"
#include "actors/runtime/random.hpp"
#include "actors/runtime/roster_keeper.hpp"
#include "actors/runtime/router.hpp"
#include "actors/runtime/served_projection.hpp"
#include "actors/runtime/shard_actor.hpp"
#include "actors/runtime/subscription_runner.hpp"
#include "protocols/schema/base/assert.hpp"
#include "protocols/schema/contract.hpp"

namespace bv::runtime {
namespace {

/// Actors that read entities back from the disk: enough to keep a disk busy while a core computes.
constexpr std::size_t recoverer_count = 4;

/// Decisions look facts up in the served tables. A projection that is not open yet knows nothing.
class projection_facts final : public facts {
 public:
  std::map<std::string, std::shared_ptr<served_projection>, std::less<>> by_name;

  std::optional<bytes> find(std::string_view projection, std::string_view key) const override {
    const auto served = by_name.find(projection);
    if (served == by_name.end()) return std::nullopt;
    auto row = served->second->get(key);
    return row ? std::move(*row) : std::nullopt;
  }
};

/// Calls `all` after `count` calls of done(); with the first error if there was one.
class gathering {
 public:
  gathering(std::size_t count, std::function<void(result<void>)> all) : left_(count), all_(std::move(all)) {}

  void done(result<void> one) {
    std::unique_lock lock(mutex_);
    if (!one && outcome_) outcome_ = std::move(one);
    if (--left_ > 0) return;
    lock.unlock();
    all_(std::move(outcome_));
  }

 private:
  std::mutex mutex_;
  std::size_t left_;
  result<void> outcome_;
  std::function<void(result<void>)> all_;
};

aggregate_types types_of(const node_options& options) {
  auto types = options.aggregates;
  if (options.cluster) types.push_back(members::make_type());
  aggregate_types named;
  for (const auto& type : types) {
    const bool added = named.emplace(type->contract().name(), type).second;
    BV_ASSERT(added, "two aggregate types have one name");
  }
  return named;
}

}  // namespace

struct node::parts {
  parts(caf::actor_system& actors, storage::store& disk, const clock& now, node_options chosen)
      : system(actors),
        store(disk),
        time(now),
        options(std::move(chosen)),
        types(types_of(options)),
        ways(time, types, options.bounds),
        log(store, options.shards) {}

  caf::actor_system& system;
  storage::store& store;
  const clock& time;
  const node_options options;
  const aggregate_types types;
  router ways;
  committed_log log;
  projection_facts known;
  durable_mailer mailer;
  // These are there in a cluster.
  std::optional<roster> who;
  std::optional<shard_links> links;
  transfer_permits permits;
  caf::actor beats;
  std::vector<std::unique_ptr<shard_standing>> standings;
  std::vector<std::unique_ptr<shard_metrics>> measured;
  std::vector<std::unique_ptr<subscription_metrics>> subscriptions;
  std::vector<caf::actor> recoverers;
  std::vector<caf::actor> followers;
  std::map<std::string, caf::actor, std::less<>> projection_runners;
  std::atomic<bool> ready{false};
  std::atomic<bool> stopping{false};
  std::mutex beginning_or_end;  ///< of the followers: a node may be stopped while it starts
  std::atomic<bool> stopped{false};

  void spawn_shards();
  [[nodiscard]] shard_actor::surroundings surroundings_of(storage::shard_id shard);
  [[nodiscard]] bool leaders_known() const;
  /// None if the node is alone.
  [[nodiscard]] cursor_teller cursor_teller_of();
  /// Error `node_stopping`.
  result<void> spawn_followers();
  [[nodiscard]] std::vector<caf::actor> all_followers() const;
  /// No follower begins from now on. False if that was so.
  bool begin_end();
  [[nodiscard]] std::vector<caf::actor> hosts() const;
  /// Gives what ends one actor; when all have, `ended` is called.
  std::function<void(const caf::actor&)> end_actors_with(caf::exit_reason why, std::function<void()> ended);
};

bool node::parts::begin_end() {
  const std::lock_guard lock(beginning_or_end);
  return !stopping.exchange(true);
}

std::vector<caf::actor> node::parts::all_followers() const {
  auto all = followers;
  for (const auto& [name, runner] : projection_runners) all.push_back(runner);
  return all;
}

std::vector<caf::actor> node::parts::hosts() const {
  auto all = mailer.shards;
  all.insert(all.end(), recoverers.begin(), recoverers.end());
  if (beats) all.push_back(beats);
  return all;
}

std::function<void(const caf::actor&)> node::parts::end_actors_with(caf::exit_reason why, std::function<void()> ended) {
  auto gone = std::make_shared<gathering>(all_followers().size() + hosts().size(),
                                          [this, ended = std::move(ended)](result<void>) {
                                            if (options.cluster) options.cluster->net->stop();
                                            stopped = true;
                                            ended();
                                          });
  return [gone, why](const caf::actor& one) {
    one->attach_functor([gone] { gone->done({}); });
    caf::anon_send_exit(one, why);
  };
}

shard_actor::surroundings node::parts::surroundings_of(storage::shard_id shard) {
  shard_actor::surroundings around{.store = store,
                                   .time = time,
                                   .types = types,
                                   .entities = ways,
                                   .known = known,
                                   .committed = log,
                                   .measured = *measured[shard.value],
                                   .bounds = options.bounds,
                                   .notes = options.notes,
                                   .recoverers = recoverers};
  if (!options.cluster) return around;
  const auto& cluster = *options.cluster;
  around.cluster.emplace(cluster_place{cluster.self.node, *links, cluster.group, permits});
  around.standing = standings[shard.value].get();
  if (founded_by(cluster.founded, cluster.self.node))
    around.beginning = {founding_members(shard, cluster.founded), node_id{cluster.founded.history}};
  return around;
}

cursor_teller node::parts::cursor_teller_of() {
  if (!options.cluster) return {};
  return [this](storage::shard_id shard, const std::string& subscription, storage::event_offset at) {
    for (const auto& one : who->now()->state.nodes)
      if (one.id != options.cluster->self.node.value)
        links->send(node_id{one.id}, shard, frames::cursor{subscription, at.value});
  };
}

bool node::parts::leaders_known() const {
  return std::ranges::all_of(standings, [](const auto& one) { return one->leader.load(std::memory_order_relaxed) > 0; });
}

void node::parts::spawn_shards() {
  if (options.cluster) {
    who.emplace(options.cluster->founded, options.cluster->members);
    links.emplace(options.cluster->self, *who, *options.cluster->net, options.notes);
  }
  for (std::size_t i = 0; i < recoverer_count; ++i)
    recoverers.push_back(system.spawn<recovery_actor>(store, options.bounds));
  std::vector<shard_metrics*> metrics_of;
  for (std::uint16_t i = 0; i < options.shards; ++i) {
    measured.push_back(std::make_unique<shard_metrics>());
    metrics_of.push_back(measured.back().get());
    if (options.cluster) standings.push_back(std::make_unique<shard_standing>());
    const storage::shard_id id{i};
    mailer.shards.push_back(system.spawn<shard_actor>(id, derive_seed(options.seed, "shard/" + std::to_string(i)),
                                                      surroundings_of(id)));
    store.log->listen(id, mailer);
  }
  ways.connect(mailer.shards, std::move(metrics_of));
  if (!links) return;
  links->connect(mailer.shards);
  who->follow([this](const roster::view_ptr& now) {
    for (const auto& shard : mailer.shards) caf::anon_send(shard, members_changed{now});
  });
  followers.push_back(system.spawn<roster_keeper>(roster_keeper::surroundings{.store = store,
                                                                              .log = log,
                                                                              .entities = ways,
                                                                              .kept = *who,
                                                                              .links = *links,
                                                                              .bounds = options.bounds,
                                                                              .notes = options.notes,
                                                                              .self = options.cluster->self.node,
                                                                              .lost_after = options.cluster->lost_after}));
  beats = system.spawn<pacemaker>(mailer.shards, *links,
                                  std::chrono::milliseconds{options.cluster->group.consensus.heartbeat_ms});
}

result<void> node::parts::spawn_followers() {
  const std::lock_guard lock(beginning_or_end);
  if (stopping) return failure(error_kind::unavailable, "node_stopping", "the node was told to stop while it started");
  for (const auto& rules : options.projections)
    projection_runners.emplace(rules->name(),
                               system.spawn<projection_runner>(rules, options.bounds, *store.tables, log,
                                                               known.by_name.at(rules->name()), options.notes));
  for (const auto& handler : options.handlers) {
    subscriptions.push_back(std::make_unique<subscription_metrics>(options.shards));
    followers.push_back(system.spawn<subscription_runner>(handler, options.bounds, *store.log, log, ways, *subscriptions.back(), cursor_teller_of(), options.notes));
  }
  return {};
}

node::node(caf::actor_system& system, storage::store& store, const clock& time, node_options options)
    : parts_(std::make_unique<parts>(system, store, time, std::move(options))) {
  for (const auto& rules : parts_->options.projections)
    parts_->known.by_name.emplace(rules->name(), std::make_shared<served_projection>(rules->name(), parts_->log));
  parts_->spawn_shards();
}

node::~node() {
  if (!parts_->stopping) stop_and_wait();
  BV_ASSERT(parts_->stopped, "a node is destroyed before its stop is over");
}

void node::start(std::function<void(result<void>)> ready) {
  auto all = std::make_shared<gathering>(parts_->mailer.shards.size(),
                                         [p = parts_.get(), ready = std::move(ready)](result<void> outcome) {
                                           if (outcome) outcome = p->spawn_followers();
                                           if (outcome) p->ready = true;
                                           ready(std::move(outcome));
                                         });
  if (parts_->options.cluster)
    if (auto listening = parts_->links->start(parts_->options.cluster->addresses); !listening) return ready(std::move(listening));
  for (const auto& shard : parts_->mailer.shards)
    caf::anon_send(shard, start_shard{[all](result<void> started) { all->done(std::move(started)); }});
  if (parts_->beats) caf::anon_send(parts_->beats, next_beat{});
}

bool node::ready() const {
  return parts_->ready && !parts_->stopping && !parts_->mailer.failed && parts_->leaders_known();
}

gateway& node::entities() { return parts_->ways; }
event_log& node::events() { return parts_->log; }

std::shared_ptr<const projection_view> node::projection_of(std::string_view name) const {
  const auto found = parts_->known.by_name.find(name);
  return found == parts_->known.by_name.end() ? nullptr : found->second;
}

bool node::rebuild(std::string_view projection) {
  const auto found = parts_->projection_runners.find(projection);
  if (found == parts_->projection_runners.end()) return false;
  caf::anon_send(found->second, rebuild_projection{});
  return true;
}

node_metrics node::metrics() const {
  node_metrics sum;
  for (const auto& one : parts_->measured) {
    sum.commands_accepted += one->commands_accepted.value();
    sum.commands_rejected += one->commands_rejected.value();
    sum.commands_repeated += one->commands_repeated.value();
    sum.commands_overloaded += one->commands_overloaded.value();
    sum.commands_timed_out += one->commands_timed_out.value();
    sum.views += one->views.value();
    sum.events += one->events.value();
    sum.entities_loaded += one->entities_loaded.value();
    sum.entities_passivated += one->entities_passivated.value();
    sum.snapshots_taken += one->snapshots_taken.value();
    sum.wake_ups += one->wake_ups.value();
    sum.entities_live += one->entities_live.value();
    sum.in_flight += one->in_flight.value();
    sum.command_us.add(one->command_us.read());
    sum.batch_records.add(one->batch_records.read());
    sum.batch_bytes.add(one->batch_bytes.read());
  }
  for (const auto& one : parts_->standings) sum.shards_mending += one->mending.load(std::memory_order_relaxed) ? 1 : 0;
  for (const auto& [name, served] : parts_->known.by_name) sum.projections.push_back(served->status());
  for (std::size_t i = 0; i < parts_->subscriptions.size(); ++i) {
    std::uint64_t behind = 0;
    for (std::uint16_t shard = 0; shard < parts_->options.shards; ++shard) {
      const storage::shard_id id{shard};
      if (!parts_->log.led_here(id)) continue;
      const auto end = parts_->log.end(id).value, through = parts_->subscriptions[i]->through[shard].load();
      behind += end > through ? end - through : 0;
    }
    sum.subscriptions.push_back({.name = parts_->options.handlers[i]->name(),
                                 .events_behind = behind,
                                 .retries = parts_->subscriptions[i]->retries.value()});
  }
  return sum;
}

const roster* node::members() const { return parts_->who ? &*parts_->who : nullptr; }

cluster_status node::cluster() const {
  cluster_status seen;
  if (!parts_->who) return seen;
  seen.members = parts_->who->now();
  seen.feature_level = parts_->links->features().level();
  seen.waiting = parts_->who->waiting();
  for (const auto& one : seen.members->state.nodes) {
    const node_id who{one.id};
    const bool self = who == parts_->options.cluster->self.node;
    seen.nodes.push_back({who, one.name, one.address, self, self || parts_->links->reaches(who), one.standing});
  }
  for (const auto& one : parts_->standings)
    seen.shards.push_back({.leader = node_id{one->leader.load(std::memory_order_relaxed)},
                           .serving = one->serving.load(std::memory_order_relaxed),
                           .term = storage::term_number{one->term.load(std::memory_order_relaxed)},
                           .committed = storage::log_index{one->committed.load(std::memory_order_relaxed)},
                           .taken_in = storage::log_index{one->taken_in.load(std::memory_order_relaxed)},
                           .mending = one->mending.load(std::memory_order_relaxed),
                           .followers = one->followers()});
  return seen;
}

void node::level(duration at_most, std::function<void(result<void>)> done) {
  if (!parts_->options.cluster) return done({});
  if (parts_->stopping) return done(failure(error_kind::unavailable, "stopping", "the node is stopping"));
  const auto at_most_ms = static_cast<std::uint64_t>(at_most / std::chrono::milliseconds{1});
  auto all = std::make_shared<gathering>(parts_->mailer.shards.size(), std::move(done));
  for (const auto& shard : parts_->mailer.shards)
    caf::anon_send(shard, level_shard{at_most_ms, [all](const result<storage::log_index>& one) { all->done(one.map([](auto) {})); }});
}

/// First nothing follows the log any more and the shards run dry; then all actors go, and with the last of them the last
/// reference to our parts.
void node::stop(std::function<void()> stopped) {
  const bool first = parts_->begin_end();
  BV_ASSERT(first, "a node is stopped once");
  const auto end = parts_->end_actors_with(caf::exit_reason::user_shutdown, std::move(stopped));
  auto dry = std::make_shared<gathering>(parts_->mailer.shards.size(), [hosts = parts_->hosts(), end](result<void>) {
    for (const auto& host : hosts) end(host);
  });
  for (const auto& follower : parts_->all_followers()) end(follower);
  for (const auto& shard : parts_->mailer.shards) caf::anon_send(shard, stop_shard{[dry] { dry->done({}); }});
}

void node::abandon(std::function<void()> gone) {
  parts_->begin_end();  // it may have been stopping when it died
  if (parts_->links) parts_->links->close();
  const auto end = parts_->end_actors_with(caf::exit_reason::kill, std::move(gone));
  for (const auto& follower : parts_->all_followers()) end(follower);
  for (const auto& host : parts_->hosts()) end(host);
}

void node::stop_and_wait() {
  std::promise<void> stopped;
  stop([&] { stopped.set_value(); });
  stopped.get_future().wait();
}

}  // namespace bv::runtime
