#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "protocols/schema/base/bytes.hpp"
#include "protocols/schema/base/result.hpp"
#include "storage/types.hpp"

namespace bv::storage {

/// Told how far a shard's log is durable. Called on the journal's writer thread (inline in the simulator):
/// hand over to the shard's actor and return at once.
class journal_listener {
 public:
  virtual ~journal_listener() = default;
  /// Everything up to `index` is on disk. Called once a commit, however many batches it holds.
  virtual void on_durable(shard_id shard, log_index index) = 0;
  /// Appends from `index` on were not written and never will be. The journal refuses all further
  /// appends of every shard until it is opened again.
  virtual void on_failed(shard_id shard, log_index index, const error& why) = 0;
  /// A batch that was read does not check out; `index` is 0 if it is not known which. Called by whoever reads, on any thread,
  /// each time. Whoever can gets the batch elsewhere, and mends the log.
  virtual void on_rot(shard_id, log_index, const error&) {}
};

/// Extent of one shard's log.
struct log_bounds {
  log_index first{1};  ///< first batch still there; greater than `last` if the log is empty
  log_index last;      ///< last durable batch
  term_number last_term;
  event_offset first_offset{1};  ///< offset of the first event still there
  event_offset last_offset;      ///< offset of the last durable event; 0 if there was none yet
  /// False if the shard was opened although one of its ends does not check out: then term and offsets mean nothing, and nothing
  /// may be appended before the log is mended.
  bool sound = true;
};

struct log_entry {
  log_index index;
  bytes data;  ///< one batch, see batch.hpp
};

/// Whether a read failed because what was written is not there any more as it was. A sector that the disk does not read is as good
/// as a rotten one; if the disk takes no writes either, that is soon known.
inline bool is_rot(const error& why) {
  return why.code == "journal_corrupt" || why.code == "journal_format_unknown" || why.code == "disk_failed";
}

/// What a look at a part of a log found.
struct log_survey {
  log_index next;                 ///< where the next look begins
  bool at_end = false;
  std::vector<log_index> rotten;  ///< batches that can't be read, or are not what was written; ascending
};

/// Raft's durable slots for one shard. A `vote` of 0 means "none".
struct hard_state {
  term_number term;
  std::uint64_t vote = 0;
  friend bool operator==(const hard_state&, const hard_state&) = default;
};

/// The event journal of one node: for each shard an append-only log of batches, with one fsync for
/// whatever all shards queued while the last fsync ran.
///
/// Threads: append() may be called from any thread, for one shard from one at a time; the others block on
/// the disk and belong to start-up, readers and operators. It is the log that replication writes to.
class journal {
 public:
  virtual ~journal() = default;

  /// Must be called for a shard before its first append. The listener must outlive close().
  virtual void listen(shard_id shard, journal_listener& listener) = 0;

  /// Queues a batch; `data` must be sealed for `index` = the last appended + 1. Never blocks. The outcome
  /// comes through the listener, in order.
  virtual void append(shard_id shard, log_index index, shared_bytes data) = 0;
  void append(shard_id shard, log_index index, bytes data) {
    append(shard, index, std::make_shared<const bytes>(std::move(data)));
  }

  /// Removes `from` and everything after it, durably. Nothing may be in flight for the shard.
  virtual result<void> truncate_suffix(shard_id shard, log_index from) = 0;

  /// Forgets everything up to and including `through` (retention), in whole segments: may keep more.
  virtual result<void> drop_prefix(shard_id shard, log_index through) = 0;

  /// Batches from `from` on, at least one if there is one, until `size_bytes_max` is reached. Durable ones
  /// only. Error `offset_dropped` (kind not_found) if `from` is before the first kept; it names the first.
  virtual result<std::vector<log_entry>> read(shard_id shard, log_index from, std::size_t size_bytes_max) = 0;

  /// The batch that holds the event at `offset`, or the first after it.
  virtual result<log_index> find(shard_id shard, event_offset offset) = 0;

  virtual log_bounds bounds(shard_id shard) const = 0;

  /// Reads batches from `from` on, about `size_bytes_max`, and says which don't check out; on_rot() is not called for them.
  virtual result<log_survey> survey(shard_id shard, log_index from, std::size_t size_bytes_max) = 0;
  /// Nothing is in flight for the shard, and its listener has heard of all that was.
  virtual bool quiet(shard_id shard) const = 0;
  /// Puts batches into their places, in which there is something else or nothing sound, and ends the log at `last`; what lies
  /// behind is removed. Durable when it returns, all or nothing. Nothing may be in flight for the shard.
  virtual result<void> mend(shard_id shard, std::vector<log_entry> batches, log_index last) = 0;

  virtual result<hard_state> read_hard_state(shard_id shard) = 0;
  /// Durable when it returns.
  virtual result<void> write_hard_state(shard_id shard, const hard_state& state) = 0;

  /// Cursor of a named subscription. Written with the next commit's fsync, without one of its own: after a
  /// crash a cursor may be older than it was, never newer than what was dealt with.
  virtual void write_cursor(std::string_view subscription, shard_id shard, event_offset offset) = 0;
  virtual result<event_offset> read_cursor(std::string_view subscription, shard_id shard) = 0;

  /// Writes what is queued, then stops the writer thread. Idempotent.
  virtual void close() = 0;
};

}  // namespace bv::storage
