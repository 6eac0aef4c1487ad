#pragma once

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

#include "protocols/schema/base/result.hpp"
#include "storage/disk.hpp"
#include "storage/types.hpp"

namespace bv::storage {

/// The database of everything derived, shared by the derived store and the tables. It has no write-ahead log
/// and one column family: RocksDB flushes its memtables in order and never splits a write, so after a crash
/// it holds a prefix of the writes. Marks in the same writes say how far each shard had come.
///
/// Threads: any.
class derived_db {
 public:
  struct hooks {
    /// Called before anything is made durable: the log must be durable as far as it was applied.
    std::function<result<void>()> before_flush;
    /// Called when the database can write no more; maybe more than once.
    std::function<void(const error&)> on_failed;
  };

  /// Errors: `derived_corrupt`, `data_dir_unusable`.
  static result<std::unique_ptr<derived_db>> open(const std::string& folder, std::uint16_t shards,
                                                  disk* seam);
  ~derived_db();

  /// From here on flushes and failures are told. When it returns no earlier hook is running any more.
  void set_hooks(hooks told);

  rocksdb::DB& db() { return *db_; }
  /// Applied by all who write; without write-ahead log.
  result<void> write(rocksdb::WriteBatch& batch);
  /// Adds to `batch` that the shard has come to `through`; call marked() when it is written.
  static void put_mark(rocksdb::WriteBatch& batch, shard_id shard, log_index through);
  void marked(shard_id shard, log_index through);

  /// What the last start found, or a flush has made durable since.
  log_index durable_through(shard_id shard) const;

  /// Makes all that was written durable; returns at once if `wait` is false.
  result<void> flush(bool wait);

  /// Which log this was derived from; empty in a new database.
  result<std::string> origin();
  result<void> set_origin(const std::string& log_identity);

 private:
  class listener;
  explicit derived_db(std::uint16_t shards);
  void flushed(rocksdb::SequenceNumber through);
  void failed(const error& why);
  result<void> load_marks();

  struct mark {
    rocksdb::SequenceNumber sequence;
    shard_id shard;
    log_index through;
  };

  std::shared_mutex hooks_mutex_;  ///< shared while a hook runs
  hooks hooks_;
  mutable std::mutex mutex_;
  rocksdb::SequenceNumber flushed_ = 0;
  std::deque<mark>
      marks_;  ///< not durable yet; a flush of 64 MiB or of what the derived store counts ends them
  std::vector<log_index> durable_;
  std::unique_ptr<rocksdb::Env> env_;
  std::unique_ptr<rocksdb::DB> db_;  ///< last: its threads use the rest
};

}  // namespace bv::storage
