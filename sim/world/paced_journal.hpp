#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/journal.hpp"

namespace bv::sim {

/// A journal whose writes take the world's time. In front of the journal of either tier: what queues while a write is
/// under way is the next write, as in production, and everything about a write (how long it takes, whether it fails, what
/// is left of it at a crash) is decided by whoever owns the world.
///
/// A write: begin → (virtual time) → finish_write(), which really writes and tells the listeners. One thread of ours; the
/// journal behind may have its own, for which finish_write() waits.
class paced_journal final : public storage::journal, private storage::journal_listener {
 public:
  /// `begin_write` is called when a write is to begin; whoever gets it calls finish_write() or abandon_write() later.
  /// `written` sees each batch once it is on the disk, before anybody is told; `noted` each cursor, when it is written, and
  /// `truncated` where a log is to be cut.
  struct hooks {
    std::function<void()> begin_write;
    std::function<void(storage::shard_id, storage::log_index, bytes_view)> written;
    std::function<void(std::string_view, storage::shard_id, storage::event_offset)> noted = {};
    std::function<void(storage::shard_id, storage::log_index from)> truncated = {};
  };
  paced_journal(std::unique_ptr<storage::journal> behind, hooks with);
  ~paced_journal() override;

  /// The write that was begun happens now; its listeners are told unless `silently`.
  void finish_write(bool silently = false);
  /// The write that was begun never happens, and nothing after it: the node is gone.
  void abandon();
  /// From now on whoever is told of a failure is told this: the words of the journal behind name files, which differ from
  /// run to run.
  void blame(const error& why) { blamed_ = why; }
  [[nodiscard]] bool writing() const { return writing_; }
  [[nodiscard]] bool failed() const { return failed_; }

  void listen(storage::shard_id shard, storage::journal_listener& listener) override;
  void append(storage::shard_id shard, storage::log_index index, shared_bytes data) override;
  using storage::journal::append;
  result<void> truncate_suffix(storage::shard_id shard, storage::log_index from) override;
  result<void> drop_prefix(storage::shard_id shard, storage::log_index through) override;
  result<std::vector<storage::log_entry>> read(storage::shard_id shard, storage::log_index from,
                                               std::size_t size_bytes_max) override;
  result<storage::log_index> find(storage::shard_id shard, storage::event_offset offset) override;
  storage::log_bounds bounds(storage::shard_id shard) const override;
  result<storage::log_survey> survey(storage::shard_id shard, storage::log_index from, std::size_t size_bytes_max) override;
  bool quiet(storage::shard_id shard) const override;
  result<void> mend(storage::shard_id shard, std::vector<storage::log_entry> batches, storage::log_index last) override;
  result<storage::hard_state> read_hard_state(storage::shard_id shard) override;
  result<void> write_hard_state(storage::shard_id shard, const storage::hard_state& state) override;
  void write_cursor(std::string_view subscription, storage::shard_id shard, storage::event_offset offset) override;
  result<storage::event_offset> read_cursor(std::string_view subscription, storage::shard_id shard) override;
  void close() override;

 private:
  struct batch {
    storage::shard_id shard;
    storage::log_index index;
    shared_bytes data;
  };
  /// What the journal behind said of one shard.
  struct outcome {
    storage::log_index durable;
    std::optional<std::pair<storage::log_index, error>> lost;
  };

  void on_durable(storage::shard_id shard, storage::log_index index) override;
  void on_failed(storage::shard_id shard, storage::log_index index, const error& why) override;
  void on_rot(storage::shard_id shard, storage::log_index index, const error& why) override;
  void begin();
  /// Hands batches to the journal behind and waits until it has said of each what became of it.
  std::map<storage::shard_id, outcome> write_behind(const std::vector<batch>& group);
  void tell(const std::map<storage::shard_id, outcome>& outcomes);

  std::unique_ptr<storage::journal> behind_;
  const hooks with_;
  std::map<storage::shard_id, storage::journal_listener*> listeners_;
  std::vector<batch> group_, queue_;
  bool writing_ = false, failed_ = false, gone_ = false;
  std::optional<error> blamed_;

  mutable std::mutex mutex_;  ///< guards the two below: the journal behind may call from a thread of its own
  std::condition_variable said_;
  std::map<storage::shard_id, outcome> outcomes_;
};

}  // namespace bv::sim
