#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "actors/runtime/random.hpp"
#include "sim/plan/plan.hpp"
#include "sim/world/event_heap.hpp"
#include "sim/world/fault_disk.hpp"
#include "sim/world/paced_journal.hpp"
#include "storage/memory_store.hpp"
#include "storage/store.hpp"

namespace bv::sim {

/// One node's disk: outlives the node's process, and decides how long a write takes, whether it fails and what a crash
/// leaves of it.
///
/// In tier memory a write is all or nothing: a torn one is what recovery would make of it, nothing. In tier rocks the
/// bytes really go to files, fail there, and are torn there. One thread.
class node_disk {
 public:
  struct settings {
    storage_tier tier = storage_tier::memory;
    std::uint16_t shards = 4;
    span write_time;
    std::uint64_t seed = 0;
    std::string folder;  ///< tier rocks: where the files go
    bool replicated = false;  ///< what is derived is left to whoever knows what is committed
  };
  using written_hook = std::function<void(storage::shard_id, storage::log_index, bytes_view)>;
  using write_begun_hook = std::function<void(std::uint64_t number)>;
  using noted_hook = std::function<void(std::string_view cursor, storage::shard_id, storage::event_offset)>;
  using truncated_hook = std::function<void(storage::shard_id, storage::log_index from)>;

  /// `written` sees every batch that is on the disk from then on; `write_begun` is called while a write is under way, with
  /// its number, counted from 1 over all restarts.
  node_disk(event_heap& time, settings chosen, written_hook written, write_begun_hook write_begun);
  /// Sees each cursor that is written; before open().
  void on_note(noted_hook noted) { noted_ = std::move(noted); }
  /// Sees where a log is to be cut; before open().
  void on_truncate(truncated_hook truncated) { truncated_ = std::move(truncated); }
  ~node_disk();

  /// The store of a process that starts. The last one must be gone.
  result<storage::store> open();
  /// The power goes, or the process is killed: `what` becomes of the write that is under way. The open store is dead.
  void crash(unsynced what);
  /// The process is about to close its store in peace: from now on what is under way is the store's own business.
  void release();
  /// After crash(), once the store is gone: what the power took from the files is taken.
  void settle_after_crash();

  /// From now on until it is opened again every write fails so.
  void fail_writes(const error& why);
  void set_write_time(const span& to) { write_time_ = to; }
  void heal() { write_time_ = chosen_.write_time; }
  /// Flips a bit of a committed batch: at once in tier memory, at the next crash in tier rocks. False if there is no batch.
  bool rot();

  [[nodiscard]] std::uint64_t writes() const { return writes_; }
  /// Whether writes will fail, though nobody may have noticed yet.
  [[nodiscard]] bool failing() const { return failing_.has_value(); }
  [[nodiscard]] bool writing() const { return journal_ && journal_->writing(); }

 private:
  void begin_write();
  void finish_write();
  void tear_next_write();

  event_heap& time_;
  const settings chosen_;
  const written_hook written_;
  const write_begun_hook write_begun_;
  noted_hook noted_;
  truncated_hook truncated_;
  runtime::random_source lots_;
  runtime::random_source damage_;  ///< of files only: the tiers' other lots stay the same
  span write_time_;
  std::uint64_t writes_ = 0;
  std::uint64_t process_ = 0;  ///< counts opens: a write of an earlier process is over

  storage::memory_disk memory_;
  fault_disk files_;
  paced_journal* journal_ = nullptr;  ///< of the open store
  storage::derived_store* derived_ = nullptr;
  std::optional<error> failing_;
  bool rots_ = false;  ///< tier rocks, at the next crash
};

}  // namespace bv::sim
