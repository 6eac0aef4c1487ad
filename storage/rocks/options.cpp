#include "storage/rocks/options.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/table.h>

#include <memory>

namespace bv::storage {
namespace {

constexpr std::size_t mib = std::size_t{1} << 20;

/// RocksDB would go on by itself once space is free. We stop at the first failure instead: after a failed
/// sync nobody knows what the page cache still holds.
class no_recovery final : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status, bool* auto_recovery) override {
    *auto_recovery = false;
  }
};

/// RocksDB's own log goes nowhere: what matters in it reaches us as a status, and Debian's build, which keeps its
/// assertions, aborts when a full disk refuses a line of its LOG file.
class no_log final : public rocksdb::Logger {
 public:
  using Logger::Logv;
  void Logv(const char*, va_list) override {}
};

rocksdb::DBOptions common_options(rocksdb::Env* env) {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  if (env) options.env = env;
  options.max_background_jobs = 2;
  options.max_bgerror_resume_count = 0;
  options.listeners.push_back(std::make_shared<no_recovery>());
  // Only one thread writes each database.
  options.allow_concurrent_memtable_write = false;
  options.enable_write_thread_adaptive_yield = false;
  // Files are written back as they grow, so that a journal fsync never waits behind a whole flushed memtable.
  options.bytes_per_sync = mib;
  options.avoid_unnecessary_blocking_io = true;
  options.info_log = std::make_shared<no_log>();
  options.info_log_level = rocksdb::FATAL_LEVEL;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  return options;
}

}  // namespace

rocksdb::DBOptions log_database_options(rocksdb::Env* env) {
  auto options = common_options(env);
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kAbsoluteConsistency;
  // Recycled files would hide where a log ends (see wal.cpp).
  options.recycle_log_file_num = 0;
  options.track_and_verify_wals_in_manifest = true;
  options.max_total_wal_size = 96 * mib;
  // A start after a crash must not wait until the replayed memtable is written out.
  options.avoid_flush_during_recovery = true;
  return options;
}

rocksdb::ColumnFamilyOptions batch_family_options() {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = 64 * mib;
  options.max_write_buffer_number = 3;
  options.compression = rocksdb::kNoCompression;
  options.enable_blob_files = true;
  options.min_blob_size = 0;
  options.blob_file_size = 256 * mib;
  // Files of keys are tiny; merging them early buys nothing.
  options.level0_file_num_compaction_trigger = 8;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(8 * mib);
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

rocksdb::ColumnFamilyOptions meta_family_options() {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = 4 * mib;
  options.compression = rocksdb::kNoCompression;
  return options;
}

rocksdb::Options derived_database_options(rocksdb::Env* env) {
  rocksdb::Options options(common_options(env), {});
  // What is in memtables is replayed after a crash: few and small ones.
  options.write_buffer_size = 32 * mib;
  options.max_write_buffer_number = 3;
  options.compression = rocksdb::kLZ4Compression;
  options.compression_per_level = {rocksdb::kNoCompression, rocksdb::kNoCompression};
  for (int level = 2; level < options.num_levels; ++level)
    options.compression_per_level.push_back(rocksdb::kLZ4Compression);
  options.level_compaction_dynamic_level_bytes = false;
  options.skip_stats_update_on_db_open = true;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(64 * mib);
  // A command for a new entity asks for keys that don't exist; the filter answers without reading.
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

}  // namespace bv::storage
