#pragma once

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "storage/batch.hpp"
#include "storage/journal.hpp"
#include "storage/rocks/live_files.hpp"
#include "storage/store.hpp"

namespace bv::storage {

/// A subscription's place, as the journal keeps it.
struct stored_cursor {
  std::string subscription;
  shard_id shard;
  event_offset offset;
};

/// The journal's database: the layout of its keys, its start-up checks and its reads. One thread writes;
/// any may read. Who writes when is rocks_journal's concern.
class log_db {
 public:
  /// `options.folder` is the node's; the database lies in `log/` inside.
  static result<std::unique_ptr<log_db>> open(const store_options& options);
  /// For reads only: changes nothing in the folder, so it does not mend a torn tail either.
  static result<std::unique_ptr<log_db>> open_to_read(const store_options& options);
  ~log_db();

  [[nodiscard]] std::uint16_t shards() const { return static_cast<std::uint16_t>(bounds_.size()); }
  log_bounds bounds(shard_id shard) const;
  result<std::vector<log_entry>> read(shard_id shard, log_index from, std::size_t size_bytes_max);
  result<log_index> find(shard_id shard, event_offset offset);
  result<hard_state> read_hard_state(shard_id shard);
  result<event_offset> read_cursor(std::string_view subscription, shard_id shard);
  /// All of them, by shard and name.
  result<std::vector<stored_cursor>> cursors();
  result<log_survey> survey(shard_id shard, log_index from, std::size_t size_bytes_max);
  /// `known` with its ends as they are on disk, or will be once `fresh` is: what can't be read makes them unsound.
  log_bounds ends_of(shard_id shard, log_bounds known, const std::vector<log_entry>& fresh);
  /// Header of one batch; the bytes are left in `data`.
  result<batch_reader> batch_at(shard_id shard, log_index index, bytes& data);
  /// A name that no other log has.
  result<std::string> identity();

  // One commit: begin(), any of the others, write(). Readers see batches up to what set_bounds() says.
  void begin();
  void put_batch(shard_id shard, log_index index, bytes_view data);
  void put_hard_state(shard_id shard, const hard_state& state);
  void put_cursor(std::string_view subscription, shard_id shard, event_offset offset);
  void erase_cursor(std::string_view subscription, shard_id shard);
  void erase_from(shard_id shard, log_index from);
  void drop_before(shard_id shard, log_index old_first, log_index first);
  /// After a failure no write may follow, and what was in this commit is not in the log at the next start;
  /// the error's message says so if that could not be ensured.
  result<void> write(bool sync);
  void set_bounds(shard_id shard, const log_bounds& bounds);

  /// Makes everything durable that was written without sync. Any thread.
  result<void> sync();
  /// Moves everything into files that need no replay at the next start.
  result<void> flush();
  /// As with_live_files(). Any thread.
  result<void> with_files(const std::function<result<void>(const std::vector<live_file>&)>& take);
  /// Gives the space of dropped batches back.
  result<void> reclaim(shard_id shard, log_index first);

 private:
  log_db(const store_options& options, std::string folder);
  enum class access { read, full };
  result<void> open_database(access wanted);
  result<void> check_settings(std::uint16_t shards, access wanted);
  result<void> load_bounds(shard_id shard);
  result<void> load_unsound_bounds(shard_id shard, const error& why);
  result<log_index> first_kept(shard_id shard) const;
  log_index last_in_place(shard_id shard, log_index first) const;
  log_index last_present(shard_id shard, log_index first) const;
  result<void> check_tail(shard_id shard, const log_bounds& bounds);
  result<void> absent(shard_id shard, log_index index) const;
  std::unique_ptr<rocksdb::Iterator> range(shard_id shard, log_index from, log_index until) const;

  const std::string folder_;
  disk* const seam_;
  std::unique_ptr<rocksdb::Env> env_;
  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::ColumnFamilyHandle* batches_ = nullptr;
  rocksdb::ColumnFamilyHandle* meta_ = nullptr;
  rocksdb::WriteBatch pending_;
  std::atomic<std::uint64_t> synced_{0};
  mutable std::mutex bounds_mutex_;
  std::vector<log_bounds> bounds_;
};

}  // namespace bv::storage
