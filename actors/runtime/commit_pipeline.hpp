#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "actors/runtime/entity.hpp"
#include "actors/runtime/gateway.hpp"
#include "actors/runtime/limits.hpp"
#include "actors/runtime/metrics.hpp"
#include "actors/runtime/recent_batches.hpp"
#include "actors/runtime/shard_log.hpp"
#include "storage/batch.hpp"

namespace bv::runtime {

/// An answer that is known and may not leave yet.
struct withheld_receipt {
  receipt_handler handler;
  result<receipt> answer;
  timestamp admitted, deadline;
};
struct withheld_view {
  view_handler handler;
  entity_view answer;
  timestamp admitted, deadline;
};

/// What a batch did to one entity: the last of its records in the batch counts.
struct touched_entity {
  entity* who = nullptr;
  std::uint64_t version = 0;
  timestamp wake_before, wake_after;
  std::uint32_t records = 0;
  std::optional<storage::snapshot> taken;
};

/// A batch on its way to the disk, with all that waits for it.
struct pipelined_batch {
  committed_batch written;  ///< complete once the batch is sealed
  std::vector<touched_entity> touched;
  std::vector<withheld_receipt> receipts;
  std::vector<withheld_view> views;
};

/// The shard's side of its log. Records gather in an open batch; the batch is sealed and handed to the log when
/// the mailbox has run dry, as long as few batches are under way; else it goes on growing until one of
/// them is committed. So a lone command is written at once, and under load batches get as large as the disk is slow.
///
///     add() → open batch → seal() → in flight → take_committed() → answers leave
///
/// Belongs to the shard's actor.
class commit_pipeline {
 public:
  commit_pipeline(shard_log& log, const limits& bounds, shard_metrics& measured);

  /// Adds a record of `who` to the open batch and returns the batch's index. `record.previous` is filled in here.
  storage::log_index add(entity& who, storage::record_view record, std::span<const storage::event_view> events);

  /// Attaches a snapshot to the entity's record that was just added.
  void attach_snapshot(const entity& who, bytes data);

  /// True if everything up to `index` is committed.
  [[nodiscard]] bool committed(storage::log_index index) const { return index <= committed_; }
  [[nodiscard]] storage::log_index committed_index() const { return committed_; }

  /// Holds an answer back until `index`, which must not be committed.
  void withhold(storage::log_index index, withheld_receipt answer);
  void withhold(storage::log_index index, withheld_view answer);

  [[nodiscard]] bool open_is_empty() const { return !open_; }
  [[nodiscard]] bool open_is_full() const;
  [[nodiscard]] bool may_seal() const;
  /// Hands the open batch, if there is one, to the log.
  void seal(timestamp now);

  /// The batches up to `index`, in order; they are no longer in flight.
  std::vector<pipelined_batch> take_committed(storage::log_index index);

  /// Everything that is not committed, the open batch included, after the journal failed.
  std::vector<pipelined_batch> take_all();

  /// Calls `visit` for every batch that is not committed, oldest first.
  void for_each(const std::function<void(pipelined_batch&)>& visit);

  /// Goes on after the log's end, wherever that is by now. Must be idle.
  void resume();

  [[nodiscard]] bool idle() const { return in_flight_.empty() && open_is_empty(); }

 private:
  struct open_batch {
    explicit open_batch(const log_place& at);
    storage::batch_builder builder;
    pipelined_batch waiting;
    storage::term_number term;
  };

  open_batch& opened();
  pipelined_batch& batch_at(storage::log_index index);

  shard_log& log_;
  const limits& bounds_;
  shard_metrics& measured_;
  storage::log_index committed_;
  std::deque<pipelined_batch> in_flight_;  ///< ascending, not without gaps
  std::optional<open_batch> open_;         ///< with a record at least
};

}  // namespace bv::runtime
