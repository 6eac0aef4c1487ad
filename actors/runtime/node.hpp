#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/replication/options.hpp"
#include "actors/runtime/aggregate.hpp"
#include "actors/runtime/clock.hpp"
#include "actors/runtime/cluster_status.hpp"
#include "actors/runtime/event_log.hpp"
#include "actors/runtime/founding.hpp"
#include "actors/runtime/gateway.hpp"
#include "actors/runtime/interconnect.hpp"
#include "actors/runtime/limits.hpp"
#include "actors/runtime/metrics.hpp"
#include "actors/runtime/note.hpp"
#include "actors/runtime/projection.hpp"
#include "actors/runtime/roster.hpp"
#include "actors/runtime/subscription.hpp"
#include "storage/store.hpp"

namespace caf {
class actor_system;
}

namespace bv::runtime {

/// CAF's scheduler as production runs it. The simulator brings an actor_system of its own instead.
class scheduler {
 public:
  /// `threads` 0: one for each core, two at least.
  explicit scheduler(std::size_t threads);
  ~scheduler();
  caf::actor_system& system();

 private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

/// A node's place in a cluster.
struct cluster_options {
  node_hello self;
  interconnect* net = nullptr;         ///< not started; must outlive the node
  std::vector<std::string> addresses;  ///< of the others, until the log says who they are; its own may be among them
  charter founded;                     ///< how the cluster began
  std::vector<founder> members;        ///< if this node was let in later: who told it so
  duration lost_after = std::chrono::minutes{5};  ///< silent nodes are replaced if there are others; 0: never
  replication::group_options group;
};

struct node_options {
  std::uint16_t shards = 16;
  std::uint64_t seed = 0;  ///< of everything that draws lots
  limits bounds;
  std::vector<std::shared_ptr<const aggregate_type>> aggregates;
  std::vector<std::shared_ptr<const projection>> projections;
  std::vector<std::shared_ptr<event_handler>> handlers;
  note_handler notes;
  std::optional<cluster_options> cluster;  ///< nothing: the node is alone. Its store then catches up when it is opened, else not
};

/// Numbers for an exporter: all shards together.
struct node_metrics {
  std::uint64_t commands_accepted = 0, commands_rejected = 0, commands_repeated = 0, commands_overloaded = 0,
                commands_timed_out = 0, views = 0, events = 0, entities_loaded = 0, entities_passivated = 0,
                snapshots_taken = 0, wake_ups = 0;
  std::int64_t entities_live = 0, in_flight = 0;
  std::int64_t shards_mending = 0;
  histogram::view command_us, batch_records, batch_bytes;
  std::vector<projection_status> projections;
  std::vector<subscription_status> subscriptions;
};

/// The runtime of one node over a store: its shards, followers of the log, and the way to them. Everything that is
/// passed in must outlive it. Threads: any.
class node {
 public:
  node(caf::actor_system& system, storage::store& store, const clock& time, node_options options);
  /// Stops first, if stop() was not called.
  ~node();
  node(const node&) = delete;
  node& operator=(const node&) = delete;

  /// Recovers what was running (wake-ups, sagas) and calls `ready` with the outcome when all shards serve.
  void start(std::function<void(result<void>)> ready);
  /// Whether all shards serve: from then on until stop(), or until the journal refuses a write. In a cluster a shard serves
  /// if this node knows who leads it.
  [[nodiscard]] bool ready() const;

  gateway& entities();
  event_log& events();
  /// Null if there is no projection of that name.
  std::shared_ptr<const projection_view> projection_of(std::string_view name) const;
  /// False if there is no projection of that name.
  bool rebuild(std::string_view projection);
  [[nodiscard]] node_metrics metrics() const;
  /// Nothing in it if the node is alone.
  [[nodiscard]] cluster_status cluster() const;
  /// Null if the node is alone.
  [[nodiscard]] const roster* members() const;

  /// Calls `done`, on some thread, once this node has everything that was committed anywhere in the cluster when this was
  /// called; at once if it is alone. Errors: `not_level` (unavailable) if it has not in `at_most`, as without a majority; `stopping`.
  void level(duration at_most, std::function<void(result<void>)> done);

  /// Refuses new requests, answers all that were accepted, and calls `stopped` on some thread once nothing of the node
  /// runs any more. Nothing may be asked of the node afterwards.
  void stop(std::function<void()> stopped);
  /// The process dies: nobody is answered and nothing is finished. Calls `gone` once nothing of the node is there any
  /// more; the store must take nothing from then on. A stop() that is under way ends with it, and may stay without its
  /// call. For the simulator.
  void abandon(std::function<void()> gone);
  /// As stop(), and waits. Not for the simulator.
  void stop_and_wait();

 private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

}  // namespace bv::runtime
