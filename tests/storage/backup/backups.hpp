#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <vector>

#include "storage/backup/back_up.hpp"
#include "storage/backup/restore.hpp"
#include "storage/backup/verify.hpp"
#include "tests/storage/rocks/damage.hpp"

/// Logs whose batches say when they were written, and their backups.
namespace bv::storage {

/// A batch of `events` events of `size` bytes.
inline bytes timed_batch(std::uint64_t index, std::uint64_t first_offset, std::uint64_t events, std::int64_t written_at,
                         std::uint64_t term = 1, std::size_t size = 20) {
  batch_builder builder(log_index{index}, event_offset{first_offset});
  const auto entity = "default/cart/c" + std::to_string(index);
  record_view record;
  record.entity = entity;
  record.version = events;
  const std::string payload(size, static_cast<char>('a' + index % 26));
  builder.add(record, std::vector<event_view>(events, event_view{7, payload}));
  return std::move(builder).finish(term_number{term}, timestamp{written_at});
}

using shard_log = std::vector<log_entry>;

/// A node with a shop's log: two shards, batches of zero to two events, one batch a moment.
struct backed_up : node {
  std::map<std::uint16_t, std::uint64_t> next_index, next_offset;
  std::int64_t now_ns = 0, step_ns = 1;
  scratch_folder place;
  const std::string target = place.path + "/backup";

  backed_up() {
    must_open();
    for (const auto one : {shard, other}) next_index[one.value] = next_offset[one.value] = 1;
  }
  ~backed_up() { disk.set_judge({}); }

  void write(shard_id into, std::uint64_t events, std::size_t size = 20) {
    const auto index = next_index[into.value]++;
    now.log->append(into, log_index{index}, timed_batch(index, next_offset[into.value], events, now_ns += step_ns, 1, size));
    next_offset[into.value] += events;
    REQUIRE(heard.wait_for(into, log_index{index}));
  }
  /// Batches of both shards in turn.
  void write_some(int count, std::size_t size = 20) {
    for (int i = 0; i < count; ++i) write(i % 2 == 0 ? shard : other, static_cast<std::uint64_t>(i % 3), size);
  }

  /// From here on a batch is written whenever a memtable is written out: so a backup has a write-ahead log.
  void write_during_flushes() {
    disk.set_judge([this, busy = std::make_shared<std::atomic<bool>>(false)](const fault_disk::event& about) -> fault_disk::verdict {
      const bool flush = about.what == fault_disk::step::create && about.path.ends_with(".blob");
      if (flush && about.path.starts_with(log()) && !busy->exchange(true)) {
        write(shard, 1);
        busy->store(false);
      }
      return {};
    });
  }

  static backup_options options() {
    backup_options how;
    how.created_at = timestamp{1'700'000'000'000'000'000};
    how.program = "9.9.9";
    return how;
  }
  backup_manifest must_back_up() { return must_back_up(options()); }
  backup_manifest must_back_up(const backup_options& how) const {
    auto made = back_up(now, target, how);
    INFO((made ? std::string() : describe(made.error())));
    REQUIRE(made);
    return *std::move(made);
  }
  shard_log whole(shard_id of) const { return *now.log->read(of, log_index{1}, std::size_t{1} << 30); }
};

/// A node on a restored folder.
struct restored {
  scratch_folder place;
  const std::string folder = place.path + "/data";
  store now;

  void open() {
    store_options how;
    how.folder = folder;
    how.shards = 4;
    auto opened = open_rocks_store(how);
    INFO((opened ? std::string() : describe(opened.error())));
    REQUIRE(opened);
    now = *std::move(opened);
  }
  shard_log whole(shard_id of) const { return *now.log->read(of, log_index{1}, std::size_t{1} << 30); }
  bool has(std::uint64_t cart, shard_id of = node::shard) const {
    return now.derived->find(of, entity_key::trusted("default", "cart", "c" + std::to_string(cart)))->has_value();
  }
};

inline void check_same(const shard_log& a, const shard_log& b, std::size_t count) {
  REQUIRE(a.size() >= count);
  REQUIRE(b.size() == count);
  for (std::size_t i = 0; i < count; ++i) {
    CHECK(a[i].index == b[i].index);
    CHECK(a[i].data == b[i].data);
  }
}

/// Names, sizes and times of everything in a folder.
inline std::map<std::string, std::pair<std::uint64_t, std::filesystem::file_time_type>> listing(const std::string& folder) {
  std::map<std::string, std::pair<std::uint64_t, std::filesystem::file_time_type>> all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    all[entry.path().string()] = {entry.is_regular_file() ? entry.file_size() : 0, entry.last_write_time()};
  return all;
}

}  // namespace bv::storage
