#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "storage/derived_store.hpp"
#include "storage/rocks/derived_db.hpp"

namespace bv::storage {

/// The derived store on RocksDB. apply() only puts into memory, where changes of the same entity become one;
/// a thread writes them out a little later, with the shard's mark in the same write.
class rocks_derived final : public derived_store {
 public:
  /// `log_bytes` tells how much was appended to the log so far: what a replay would have to read.
  rocks_derived(std::shared_ptr<derived_db> db, std::uint16_t shards,
                std::function<std::uint64_t()> log_bytes);
  ~rocks_derived() override;

  void apply(shard_id shard, log_index through, std::vector<entity_update> updates) override;
  result<std::optional<entity_row>> find(shard_id shard, const entity_key& entity) override;
  bool certainly_absent(shard_id shard, const entity_key& entity) override;
  result<std::vector<due_entity>> due(shard_id shard, const due_entity& after, timestamp until,
                                      std::size_t count_max) override;
  result<std::vector<entity_key>> list(shard_id shard, std::string_view tenant, std::string_view type,
                                       std::string_view after_id, std::size_t count_max) override;
  log_index through(shard_id shard) const override;
  log_index durable_through(shard_id shard) const override;
  result<void> flush() override;
  /// Flushes in the background, once what is staged now has been written.
  void flush_soon();

 private:
  using staged_rows = std::unordered_map<std::string, entity_update>;
  struct stage {
    std::mutex mutex;
    staged_rows fresh;           ///< applied, not yet taken by the writer
    staged_rows draining;        ///< being written
    log_index through;           ///< applied
    log_index written;           ///< the mark in the database
    std::size_t size_bytes = 0;  ///< of `fresh`
  };

  using wake_ups = std::unordered_map<std::string, timestamp>;

  void run_writer();
  result<void> drain(shard_id shard);
  result<void> drain_all();
  wake_ups staged_wake_ups(shard_id shard);
  result<bool> find_stored(shard_id shard, const entity_key& entity, bool row_known, entity_row& row);

  std::shared_ptr<derived_db> db_;
  const std::function<std::uint64_t()> log_bytes_;
  std::vector<std::unique_ptr<stage>> stages_;
  std::mutex drain_mutex_;  ///< one drain at a time: the draining rows belong to it

  std::mutex mutex_;
  std::condition_variable wake_writer_;
  std::uint64_t updates_ = 0;  ///< since the last turn of the writer
  std::uint64_t rows_ = 0;     ///< entities that they changed
  bool flush_wanted_ = false;
  bool closing_ = false;
  std::thread writer_;
};

}  // namespace bv::storage
