#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "actors/runtime/aggregate.hpp"
#include "actors/runtime/clock.hpp"
#include "actors/runtime/commit_pipeline.hpp"
#include "actors/runtime/committed_reads.hpp"
#include "actors/runtime/companion.hpp"
#include "actors/runtime/gateway.hpp"
#include "actors/runtime/limits.hpp"
#include "actors/runtime/live_entities.hpp"
#include "actors/runtime/metrics.hpp"
#include "actors/runtime/note.hpp"
#include "actors/runtime/random.hpp"
#include "actors/runtime/recent_batches.hpp"
#include "actors/runtime/shard_log.hpp"
#include "actors/runtime/wake_schedule.hpp"
#include "storage/store.hpp"

namespace bv::runtime {

/// The aggregate types of a node by name.
using aggregate_types = std::map<std::string, std::shared_ptr<const aggregate_type>, std::less<>>;

/// The way back to a shard for whoever outside was asked something: it may be kept for as long as one likes, also when
/// the shard and its node are gone. Threads: any.
class shard_door {
 public:
  virtual ~shard_door() = default;
  /// Runs `action` on the shard's actor, or drops it if the actor has ended.
  virtual void post(std::function<void()> action) const = 0;
};

/// Snapshots that another node took of entities in a batch.
using taken_snapshots = std::map<entity_key, storage::snapshot>;

/// What a shard needs of the actor that runs it.
class shard_host {
 public:
  virtual ~shard_host() = default;
  /// Runs `action` on the shard's actor after all that is in its mailbox now.
  virtual void post(std::function<void()> action) = 0;
  virtual std::shared_ptr<const shard_door> door() = 0;
  virtual void post_after(duration delay, std::function<void()> action) = 0;
  /// Recovers an entity on another thread and reports through shard::on_recovered, with the same tenure.
  virtual void recover(const entity_key& who, std::uint64_t tenure) = 0;
  /// Runs `work`, which may wait for the disk, on another thread.
  virtual void in_background(std::function<void()> work) = 0;
};

/// Learns what a shard has committed; called on the shard's actor.
class commit_listener {
 public:
  virtual ~commit_listener() = default;
  virtual void on_committed(storage::shard_id shard, committed_batch batch) = 0;
  /// `end` is the offset of the last event that is known to be committed at the start, in a cluster.
  virtual void on_begun(storage::shard_id shard, storage::event_offset end) = 0;
  /// The shard serves here from now on, or no longer.
  virtual void on_led(storage::shard_id shard, bool here) = 0;
};

struct admitted_command {
  command_request request;
  receipt_handler answer;
  timestamp admitted;
};

struct admitted_view {
  view_request request;
  view_handler answer;
  timestamp admitted;
};

/// One shard: hosts its entities, decides their commands one after the other, writes what was decided, and lets
/// answers go once they are committed. All members run on the shard's actor; nothing here blocks, waits
/// or knows CAF.
///
///     command → live? ──no──→ recover (stashed meanwhile) ─┐
///                 └─yes──────────────────────────────────────┴→ dedupe → decide, evolve → record → journal
///     durable → committed: derived store, log followers, answers, companions
///
/// Everything that an answer depends on is committed before it leaves: a rejection and a view wait for the newest
/// record of their entity.
class shard {
 public:
  struct environment {
    storage::store& store;
    shard_log& log;
    const clock& time;
    const aggregate_types& types;
    gateway& entities;
    const facts& known;
    shard_host& host;
    commit_listener& committed;
    shard_metrics& measured;
    const limits& bounds;
    const note_handler& notes;
  };

  shard(storage::shard_id id, std::uint64_t seed, environment around);
  ~shard();

  /// Serves from now on, with what the log says is committed. Reads the wake-ups that are due.
  result<void> start();
  /// Serves no more until the next start(): who waits for an answer gets `why`, though what they asked for may yet be
  /// committed, and what was in memory is forgotten.
  void step_down(const error& why);
  /// In a cluster, first of all: what is committed up to `through` took effect in an earlier life of the node.
  result<void> begin_after(storage::log_index through);
  /// Another node leads and this batch is committed: it takes effect here. Errors: `journal_corrupt`.
  result<void> take_in(storage::log_index index, shared_bytes batch, taken_snapshots snapshots = {});

  void deliver(admitted_command command);
  /// A stale one is answered also while another node leads.
  void deliver(admitted_view view);
  /// Hands what is open to the log now.
  void seal() { pipeline_.seal(around_.time.now()); }
  /// Nothing is under way that only this node can end.
  [[nodiscard]] bool idle() const;
  void on_recovered(const entity_key& who, std::uint64_t tenure, result<recovered_entity> found);
  void on_durable(storage::log_index index);
  void on_failed(const error& why);

  /// Refuses what comes from now on; calls `stopped` when all that was accepted is answered.
  void stop(std::function<void()> stopped);

 private:
  struct wake_check {};  ///< stashed while an entity that has a wake-up is recovered
  using stashed = std::variant<admitted_command, admitted_view, wake_check>;

  static constexpr duration tick_interval = std::chrono::seconds{1};
  static constexpr std::size_t wake_ups_per_turn_max = 256;
  static constexpr duration wake_retry = std::chrono::milliseconds{50};
  /// An aggregate that refuses its own wake-up is asked again after this.
  static constexpr duration refused_wake_retry = std::chrono::seconds{60};

  // Requests.
  void stash(const entity_key& who, stashed what);
  void refuse(stashed& what, const error& why);
  void execute(entity& who, admitted_command command);
  void execute(entity& who, admitted_view view);
  bool answered_before(entity& who, const admitted_command& command, hash128_value id, std::uint64_t body_hash);
  void void_other(entity& who, const admitted_command& command);
  void record(entity& who, const admitted_command& command, hash128_value id, std::uint64_t body_hash,
              const std::vector<encoded_event>& events, const result<receipt>& answer);
  timestamp wake_to_register(const entity& who, timestamp now) const;
  void look(admitted_view view);
  /// A committed state, from memory or from the store.
  void look_at_committed(admitted_view view);
  /// As the log's; nobody is left without an answer because the shard stops meanwhile.
  void confirm(std::function<void(const result<void>&)> then);
  void answer_when_committed(const entity& who, admitted_command& command, result<receipt> answer);
  /// The answer rests on what is in memory alone: nothing was written for it.
  void answer_unwritten(const entity& who, admitted_command& command, result<receipt> answer);
  void reply(const receipt_handler& handler, result<receipt> answer, timestamp admitted);
  void reply(const view_handler& handler, result<entity_view> answer, timestamp admitted);
  const aggregate_type* type_of(const entity_key& who) const;

  // Commits.
  void seal_when_idle();
  void commit(pipelined_batch& batch);
  void fail(pipelined_batch& batch, const error& why);
  void drop_uncommitted(const error& why);
  void tell_companion(entity& who);
  std::unique_ptr<companion_services> make_services();
  void time_out_withheld(timestamp now);
  void stop_if_idle();

  // Time.
  void keep_ticking();
  void tick();
  void wake_due();
  void schedule_wake();
  void check_wake(entity& who);
  void move_wake(entity& who, timestamp wake);
  void passivate_idle(timestamp now);
  void passivate(entity& gone);

  const storage::shard_id id_;
  environment around_;
  random_source random_;
  commit_pipeline pipeline_;
  wake_schedule wakes_;
  live_entities live_;
  committed_reads committed_reads_;
  std::unordered_map<entity_key, std::vector<stashed>> recovering_;
  timestamp wake_scheduled_;  ///< earliest turn of wake_due() that is under way; 0 none
  std::size_t confirming_ = 0;  ///< answers that wait until it is certain that nobody else leads
  bool seal_posted_ = false;
  bool ticking_ = false;
  bool stopping_ = false;
  std::uint64_t tenure_ = 0;  ///< counts how often it began to serve or ceased to
  std::optional<error> not_serving_;  ///< why
  std::optional<error> failed_;
  std::function<void()> stopped_;
};

}  // namespace bv::runtime
