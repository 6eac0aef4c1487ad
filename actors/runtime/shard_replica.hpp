#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "actors/replication/log_mender.hpp"
#include "actors/replication/raft_group.hpp"
#include "actors/runtime/cluster_status.hpp"
#include "actors/runtime/interconnect.hpp"
#include "actors/runtime/note.hpp"
#include "actors/runtime/shard.hpp"
#include "actors/runtime/shard_log.hpp"
#include "protocols/schema/cluster/frames.hpp"

namespace bv::runtime {

/// How a shard of a cluster stands, as this node knows. Written by the shard's actor; threads: any may read.
struct shard_standing {
  std::atomic<std::uint64_t> leader{0};  ///< node id; 0: nobody is known to lead
  std::atomic<bool> serving{false};      ///< this node leads, and has taken in all that came before
  std::atomic<std::uint64_t> term{0}, committed{0};
  std::atomic<std::uint64_t> taken_in{0};  ///< committed batches that took effect here
  std::atomic<bool> mending{false};        ///< batches of its log are rotten: it takes no part until they are mended

  /// What the leader knows of the group's other members; empty elsewhere.
  [[nodiscard]] std::vector<follower_status> followers() const {
    const std::lock_guard lock(mutex_);
    return followers_;
  }
  void set_followers(std::vector<follower_status> seen) {
    const std::lock_guard lock(mutex_);
    followers_ = std::move(seen);
  }

 private:
  mutable std::mutex mutex_;
  std::vector<follower_status> followers_;
};

/// How a shard's group came into being.
struct group_beginning {
  replication::configuration founders;
  /// Who had the log before there was a group; 0: all began with an empty one. What that log says of clusters of its own past
  /// is void: whoever keeps members of the cluster in it must begin anew with these founders.
  node_id history;
};

/// One shard's replica on this node: brings the group's log and the shard together.
///
///     following ──leads, all before is taken in──→ serving ──is to hand over──→ draining
///         ↑──────────────────────── another leads ────┴───────────────────────────┘
///
/// What is committed takes effect here once, in order: by the shard's own pipeline while it serves, else read from the
/// group's memory or, if that forgot it, from the journal in the background.
///
/// If batches of the log turn out to be rotten, when they are needed or because the whole log is read again and again, slowly, then
/// this node leaves the group until it has mended them with what the others have, and begins anew as after a restart.
///
/// All members run on the shard's actor.
class shard_replica final : public shard_log, private replication::group_listener {
 public:
  struct environment {
    storage::store& store;
    replication::group_host& host;
    replication::transport& peers;
    const note_handler& notes;
    shard_standing& standing;
    /// Whether this shard serves here, or who leads, has changed.
    std::function<void()> moved;
    /// Sends to the shard's actor at another node.
    std::function<void(node_id, const frames::content&)> tell;
  };
  shard_replica(storage::shard_id shard, node_id self, environment around, const replication::group_options& options);

  /// Whom the log belongs to; before start().
  void attach(shard& served) { served_ = &served; }
  /// `beginning`: none if this node is no founder and waits to be made a member. `started` is called when all that was known to be
  /// committed has taken effect; of a newcomer, after on_level().
  void start(const std::optional<group_beginning>& beginning, std::function<void(result<void>)> started);

  void tick();
  void receive(replication::message what);
  /// The leader took it; kept until its batch is taken in.
  void receive(frames::snapshot what);
  /// Its log was empty and comes from others: it serves nobody until somebody says that it is level.
  [[nodiscard]] bool joining() const { return joining_; }
  void on_level();
  void on_durable(storage::log_index index) {
    if (group_) group_->on_durable(index);
  }
  void on_journal_failed(const error& why) { group_ ? group_->on_journal_failed(why) : fail(why); }
  /// As the journal's listener is told.
  void on_rot(storage::log_index index, const error& why);

  /// Requests are for the shard here; else for leader(), or for nobody yet.
  [[nodiscard]] bool serving() const { return role_ == role::serving; }
  [[nodiscard]] node_id leader() const { return leader_; }
  /// What was known to be committed when start() was called has taken effect.
  [[nodiscard]] bool level_once() const { return level_once_; }

  /// Committed batches that took effect here.
  [[nodiscard]] storage::log_index taken_in() const { return taken_in_; }

  /// Lets `to` lead, once what is under way is committed; nothing if this node does not lead.
  void hand_over(node_id to);
  /// Who is nearest to being able to lead instead; 0 if this node does not lead, or nobody can.
  [[nodiscard]] node_id heir() const;
  [[nodiscard]] bool handing_over() const { return role_ == role::draining || heir_.value > 0; }
  /// Who should lead if all is well; null id: anybody.
  void prefer(node_id leader) { preferred_ = leader; }
  /// The group is being changed: the leadership stays meanwhile, if nothing forces it to move.
  void on_changing(bool now) { changing_ = now; }
  /// Whether frames reach `peer`.
  void on_link(node_id peer, bool up);
  /// It stops: it is given no lead until there is a new link to it.
  void on_leaving(node_id peer) { leaving_.insert(peer); }

  [[nodiscard]] replication::group_status status() const { return group_ ? group_->status() : replication::group_status{}; }
  /// Only while the log is not being mended; so always while it serves.
  [[nodiscard]] replication::raft_group& group() { return *group_; }
  [[nodiscard]] bool mending() const { return mender_ != nullptr; }

  // shard_log
  [[nodiscard]] log_place next() const override;
  [[nodiscard]] storage::log_index committed() const override { return committed_; }
  void append(shared_bytes batch, storage::event_offset next_offset) override;
  void on_snapshot(const entity_key& of, const storage::snapshot& taken) override;
  [[nodiscard]] bool alone() const override { return false; }
  void confirm(std::function<void(result<void>)> done) override;
  [[nodiscard]] staleness how_stale() const override;

 private:
  enum class role : std::uint8_t { following, serving, draining };

  /// What takes effect in one turn of the actor: others shall run as well.
  static constexpr std::size_t batches_per_turn_max = 64;
  static constexpr std::size_t page_bytes = std::size_t{1} << 20;
  /// Of snapshots whose batches are not taken in yet; beyond it they are dropped: the next one of the entity will do.
  static constexpr std::size_t snapshot_bytes_max = std::size_t{8} << 20;
  /// What a leader does not finish in this time is left to the next one, with its outcome unknown.
  static constexpr std::uint64_t drain_ms_max = 1000;
  /// How often it looks whether another should lead.
  static constexpr std::uint64_t between_preferences_ms = 2000;
  /// A preferred leader that lacks no more than this gets the rest while it takes over.
  static constexpr std::uint64_t entries_behind_max = 64;

  // group_listener
  void on_committed(storage::log_index index) override;
  void on_leader(storage::term_number term, storage::log_index next) override;
  void on_follower(replication::server_id leader) override;
  void on_control_entry() override;
  void on_log_truncated(storage::log_index) override {}
  void on_configuration(const replication::configuration&, storage::log_index, bool) override {}
  void on_feed_failed(replication::server_id follower, const error& why) override;
  void on_failed(const error& why) override;

  void make_group();
  void begin();
  result<void> begin_group();
  void mend(const error& why);
  [[nodiscard]] std::vector<node_id> others() const;
  [[nodiscard]] std::string name() const { return "shard " + std::to_string(shard_.value); }
  static error leadership_lost();
  void on_mended(const result<std::uint64_t>& outcome);
  void look_at_log();
  void answer(node_id from, replication::mend_request what);
  void take_in();
  void read_on();
  result<void> take(storage::log_index index, shared_bytes batch);
  taken_snapshots snapshots_of(storage::log_index index);
  void serve_when_level();
  void stop_serving(const error& why);
  void go_on_draining();
  void look_for_preferred();
  void look_at_followers();
  void fail(const error& why);
  void fail_unless_mended(const error& why);
  void publish();
  [[nodiscard]] bool may_lead(node_id who) const { return reached_.contains(who) && !leaving_.contains(who); }

  const storage::shard_id shard_;
  const node_id self_;
  const environment around_;
  const replication::group_options options_;
  std::unique_ptr<replication::raft_group> group_;   ///< null while the log is being mended
  std::unique_ptr<replication::log_mender> mender_;  ///< null while it is not
  std::optional<group_beginning> beginning_;         ///< none: it was let in later
  shard* served_ = nullptr;
  role role_ = role::following;
  bool leads_ = false;    ///< the group says so
  bool reading_ = false;  ///< a page of the journal is under way
  bool failed_ = false;
  bool joining_ = false;
  bool changing_ = false;
  node_id leader_;
  node_id preferred_, heir_;
  std::uint64_t drain_until_ms_ = 0, preference_at_ms_ = 0;
  std::set<node_id> reached_, leaving_;
  std::vector<node_id> members_;  ///< of the group, when the log began to be mended
  bool begun_ = false;            ///< the shard knows where its log stands
  bool mended_nothing_ = false;   ///< it was told of rot, and the whole log had none
  bool looking_ = false;
  storage::log_index look_from_;
  std::uint64_t look_at_ms_ = 0;
  storage::log_index committed_, taken_in_;
  /// Where the shard goes on once the group did not take a batch, until it stops serving. None of it gets into the log: it is
  /// decided on what will not be there, and would else take the place of the batch that was refused.
  std::optional<storage::log_index> refused_next_;
  storage::log_index level_at_;  ///< started_ waits until this has taken effect
  bool level_once_ = false;
  std::function<void(result<void>)> started_;
  std::map<storage::log_index, taken_snapshots> snapshots_;
  std::size_t snapshot_bytes_ = 0;
};

}  // namespace bv::runtime
