#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "storage/rocks/folder_lock.hpp"
#include "storage/rocks/log_db.hpp"

namespace bv::storage {

/// The journal on RocksDB. One writer thread makes one commit of whatever queued while it made the last.
class rocks_journal final : public journal {
 public:
  rocks_journal(std::unique_ptr<log_db> db, std::shared_ptr<folder_lock> lock, const store_options& options);
  ~rocks_journal() override;

  void listen(shard_id shard, journal_listener& listener) override;
  void append(shard_id shard, log_index index, shared_bytes data) override;
  using journal::append;
  result<void> truncate_suffix(shard_id shard, log_index from) override;
  result<void> drop_prefix(shard_id shard, log_index through) override;
  result<std::vector<log_entry>> read(shard_id shard, log_index from, std::size_t size_bytes_max) override;
  result<log_index> find(shard_id shard, event_offset offset) override;
  log_bounds bounds(shard_id shard) const override;
  result<log_survey> survey(shard_id shard, log_index from, std::size_t size_bytes_max) override;
  bool quiet(shard_id shard) const override;
  result<void> mend(shard_id shard, std::vector<log_entry> batches, log_index last) override;
  result<hard_state> read_hard_state(shard_id shard) override;
  result<void> write_hard_state(shard_id shard, const hard_state& state) override;
  void write_cursor(std::string_view subscription, shard_id shard, event_offset offset) override;
  result<event_offset> read_cursor(std::string_view subscription, shard_id shard) override;
  void close() override;

  /// Refuses all further writes; what is queued fails with `why`. For failures of the node's other files.
  void fail(const error& why);
  /// Makes what is written durable; only needed with durability "os".
  result<void> sync();
  /// What lies below, for backups: reads and with_files() only.
  [[nodiscard]] log_db& database() { return *db_; }
  /// Bytes appended since open.
  [[nodiscard]] std::uint64_t written_bytes() const { return written_bytes_.load(std::memory_order_relaxed); }

 private:
  struct queued_batch {
    shard_id shard;
    log_index index;
    shared_bytes data;
  };
  /// A change that is not an append: joins a commit, its caller waits.
  struct queued_change {
    std::function<void(log_db&)> add;
    std::promise<result<void>> done;
  };
  /// What one turn of the writer deals with.
  struct work {
    std::vector<queued_batch> batches;
    std::vector<queued_change> changes;
    std::map<std::pair<std::string, std::uint16_t>, event_offset> cursors;
    std::optional<error> failed;
    bool stop = false;
  };

  result<void> change(std::function<void(log_db&)> add);
  void run_writer();
  void run_syncer();
  work next_work();
  void commit(work& todo);
  result<void> write(const work& todo);
  void publish(const work& todo);
  void report(const work& todo, const std::optional<error>& why);
  void set_telling(bool now);
  void tell_of_rot(shard_id shard, log_index index, const error& why);

  std::shared_ptr<folder_lock> lock_;
  std::unique_ptr<log_db> db_;
  const durability durable_;
  const std::function<void(const commit_stats&)> on_commit_;
  const std::function<void(const std::string&)> on_note_;

  mutable std::mutex mutex_;
  std::condition_variable wake_writer_, wake_syncer_;
  std::deque<queued_batch> batches_;
  std::size_t queued_bytes_ = 0;
  std::vector<queued_change> changes_;
  std::map<std::pair<std::string, std::uint16_t>, event_offset> cursors_;  ///< waiting for a commit
  std::map<std::pair<std::string, std::uint16_t>, event_offset>
      writing_;  ///< in the commit that is under way
  std::vector<log_index> appended_;
  std::vector<journal_listener*> listeners_;
  std::optional<error> failed_;
  bool telling_ = false;  ///< that something is durable
  bool writer_waits_ = false, unsynced_ = false, closing_ = false, closed_ = false;

  std::atomic<std::uint64_t> written_bytes_{0};
  commit_stats stats_;              ///< the writer's own
  std::vector<log_index> outcome_;  ///< the writer's own: by shard, what a commit's listener is told
  std::thread writer_, syncer_;
};

}  // namespace bv::storage
