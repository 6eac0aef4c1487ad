#pragma once

#include <caf/send.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "actors/runtime/delayed_actions.hpp"
#include "actors/runtime/mailed_actor.hpp"
#include "actors/runtime/pacemaker.hpp"
#include "actors/runtime/run_action.hpp"
#include "actors/runtime/shard.hpp"
#include "actors/runtime/shard_member.hpp"

namespace bv::runtime {

// The mail of the two actors below. All of it is local: what crosses nodes is Cap'n Proto.

struct start_shard {
  std::function<void(result<void>)> started;
};
struct batch_durable {
  storage::log_index index;
};
struct journal_failed {
  error why;
};
/// A node that is alone can do nothing about it: whoever read was told.
struct log_rotten {
  storage::log_index index;
  error why;
};
struct recover_request {
  caf::actor shard;
  storage::shard_id id;
  entity_key who;
  std::uint64_t tenure = 0;
  std::shared_ptr<const aggregate_type> type;
};
struct recovery_done {
  entity_key who;
  std::uint64_t tenure = 0;
  std::shared_ptr<result<recovered_entity>> found;
};
struct members_changed {
  roster::view_ptr now;
};
/// Blocks on the disk: not for a shard's actor.
struct background_work {
  caf::actor of;  ///< lives until the work is done
  std::function<void()> work;
};
/// Only in a cluster.
struct level_shard {
  std::uint64_t at_most_ms;
  level_handler done;
};
struct stop_shard {
  std::function<void()> stopped;
};

/// Runs one shard on CAF's scheduler. Takes: start_shard, admitted_command, admitted_view, batch_durable,
/// journal_failed, log_rotten, recovery_done, run_action, stop_shard; in a cluster also group_tick, level_shard, peer_frame, peer_link,
/// members_changed. Answers go
/// through the handlers in the mail, never as CAF responses. Lives until the node is destroyed, so that no handler is lost
/// in a dead mailbox.
class shard_actor final : public mailed_actor, private shard_host, private replication::group_host {
 public:
  struct surroundings {
    storage::store& store;
    const runtime::clock& time;  // qualified: CAF actors have a clock() of their own
    const aggregate_types& types;
    gateway& entities;
    const facts& known;
    commit_listener& committed;
    shard_metrics& measured;
    const limits& bounds;
    const note_handler& notes;
    std::vector<caf::actor> recoverers;
    /// Nothing: the node is alone.
    std::optional<cluster_place> cluster = {};
    shard_standing* standing = nullptr;  ///< in a cluster
    std::optional<group_beginning> beginning = {};  ///< if this node is one of its founders
  };

  shard_actor(caf::actor_config& config, storage::shard_id id, std::uint64_t seed, surroundings around);

  caf::behavior make_behavior() override;
  /// Entities and companions go now: delayed mail may keep this object itself alive for a while.
  void on_exit() override {
    later_ = {};
    shard_.reset();
    member_.reset();
  }

 private:
  caf::behavior lone_behavior();
  caf::behavior member_behavior();
  void post(std::function<void()> action) override;
  std::shared_ptr<const shard_door> door() override;
  void post_after(duration delay, std::function<void()> action) override;
  void recover(const entity_key& who, std::uint64_t tenure) override;
  void in_background(std::function<void()> work) override;
  // group_host; post() and in_background() are those of both hosts
  std::uint64_t now_ms() override;
  std::uint64_t random_below(std::uint64_t bound) override { return lots_.below(bound); }
  const caf::actor& next_recoverer() { return recoverers_[next_recoverer_++ % recoverers_.size()]; }
  static constexpr duration between_rings = std::chrono::milliseconds{5};
  void arm(timestamp due);
  void ring();

  const storage::shard_id id_;
  const runtime::clock& time_;
  const aggregate_types& types_;
  std::vector<caf::actor> recoverers_;
  std::size_t next_recoverer_ = 0;
  delayed_actions later_;
  std::optional<timestamp> armed_;  ///< when the mail that lets later_ run comes
  std::shared_ptr<const shard_door> door_;
  random_source lots_;
  const std::optional<group_beginning> beginning_;
  std::optional<unreplicated_log> alone_;  ///< one of these two
  std::optional<shard_member> member_;
  std::optional<shard> shard_;
};

/// Reads from the disk, so that a shard never waits for it. Takes: recover_request, background_work.
class recovery_actor final : public mailed_actor {
 public:
  recovery_actor(caf::actor_config& config, storage::store& store, const limits& bounds);
  caf::behavior make_behavior() override;

 private:
  storage::store& store_;
  const limits& bounds_;
};

}  // namespace bv::runtime

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(bv::runtime::start_shard)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(bv::runtime::batch_durable)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(bv::runtime::journal_failed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(bv::runtime::log_rotten)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(bv::runtime::recover_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(bv::runtime::recovery_done)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(bv::runtime::level_shard)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(bv::runtime::stop_shard)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(bv::runtime::members_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(bv::runtime::background_work)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(bv::runtime::admitted_command)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(bv::runtime::admitted_view)
