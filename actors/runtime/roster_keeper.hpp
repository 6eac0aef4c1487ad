#pragma once

#include <map>
#include <memory>
#include <optional>

#include "actors/runtime/committed_log.hpp"
#include "actors/runtime/gateway.hpp"
#include "actors/runtime/log_waker.hpp"
#include "actors/runtime/mailed_actor.hpp"
#include "actors/runtime/note.hpp"
#include "actors/runtime/roster.hpp"
#include "actors/runtime/shard_links.hpp"

namespace bv::runtime {

/// Keeps a node's roster up to date with the log, and, where the shard of the cluster's membership is led, keeps that up to date with
/// the world: says how the cluster was founded, which nodes have been silent for too long, and which are heard again. Runs on CAF's
/// scheduler; takes run_action and roster_tick.
class roster_keeper final : public mailed_actor {
 public:
  struct surroundings {
    storage::store& store;
    event_log& log;
    gateway& entities;
    roster& kept;
    const shard_links& links;
    const limits& bounds;
    const note_handler& notes;
    node_id self;
    duration lost_after;  ///< a silent node counts as lost; 0: never
  };
  roster_keeper(caf::actor_config& config, surroundings around);
  caf::behavior make_behavior() override;
  /// The waker holds a reference to this actor: let go of it.
  void on_exit() override { waker_.reset(); }

 private:
  static constexpr duration between_ticks = std::chrono::seconds{1};

  void read_log();
  void tick();
  void found();
  void look_around();
  void ask(const members::command& what);

  const surroundings around_;
  const entity_key key_;
  const storage::shard_id shard_;
  const std::unique_ptr<aggregate_type> type_;
  std::map<std::uint64_t, std::uint32_t> silent_for_;  ///< ticks, by node
  bool asking_ = false;
  std::optional<log_waker> waker_;
};

struct roster_tick {};

}  // namespace bv::runtime

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(bv::runtime::roster_tick)
