#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "storage/store.hpp"

namespace bv::storage {

struct memory_state;

struct memory_store_options {
  std::function<void(const commit_stats&)> on_commit = {};  ///< called on the thread that commits
  bool catches_up = true;                                   ///< as in store_options
};

/// When a memory journal commits.
enum class completion {
  at_once,  ///< inside append(), on the caller's thread
  by_hand   ///< when memory_disk::commit() is called
};

/// What outlives the process in a world without disks: open a store on it, crash it, open the next. It is
/// also the handle by which a test or the simulator decides when writes complete and how they fail. What is
/// durable here is what would be on the real one: committed batches, hard state, cursors that went with a
/// commit, and what was derived up to the last flush.
///
/// Threads: any. Must outlive the stores that are open on it.
class memory_disk {
 public:
  explicit memory_disk(std::uint16_t shards = 16, completion when = completion::at_once);
  ~memory_disk();
  memory_disk(const memory_disk&) = delete;
  memory_disk& operator=(const memory_disk&) = delete;

  /// Batches that wait for commit().
  [[nodiscard]] std::size_t queued() const;
  /// Commits the oldest queued batches, at most `count_max`, as one commit, and tells the listeners on this
  /// thread. Returns how many; 0 if called by a listener.
  std::size_t commit(std::size_t count_max = static_cast<std::size_t>(-1));
  /// Fails what is queued and, until a store is opened again, every write after it.
  void fail(const error& why);
  /// Power off: forgets what is not durable. The store that is open becomes dead: it calls no listener any
  /// more, ignores appends and answers reads with `store_closed`.
  void crash();
  /// Lets `change` damage a durable batch. False if there is no such batch.
  bool tamper(shard_id shard, log_index index, const std::function<void(bytes&)>& change);

 private:
  friend result<store> open_memory_store(memory_disk&, const memory_store_options&);
  std::shared_ptr<memory_state> state_;
};

/// Opens a store on the disk; one that is still open there dies as in a crash. Everything is deterministic.
/// Errors: `journal_corrupt`.
result<store> open_memory_store(memory_disk& disk, const memory_store_options& options = {});

}  // namespace bv::storage
