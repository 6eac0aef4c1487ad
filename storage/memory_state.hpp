#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "storage/memory_store.hpp"

/// The inside of memory_disk, shared by the three stores that are open on it.
namespace bv::storage {

/// One shard's log as it is "on disk".
struct memory_log {
  std::deque<bytes> batches;  ///< the first is that of `bounds.first`
  log_bounds bounds;
  hard_state hard;
};

/// What is derived from one shard's log.
struct memory_rows {
  std::map<bytes, entity_row> entities;
  std::set<std::pair<std::int64_t, bytes>> timers;
  log_index through;
};

using memory_table_rows = std::map<bytes, bytes>;

/// Everything derived. Parts are shared between the durable image, the current one and running scans, and
/// copied by whoever changes one that is shared (`own`).
struct memory_image {
  std::vector<std::shared_ptr<memory_rows>> shards;
  std::map<std::string, std::pair<std::uint64_t, std::shared_ptr<memory_table_rows>>> tables;
};

template <class Part>
Part& own(std::shared_ptr<Part>& part) {
  if (part.use_count() > 1) part = std::make_shared<Part>(*part);
  return *part;
}

struct memory_append {
  shard_id shard;
  log_index index;
  bytes data;
};

using memory_cursors = std::map<std::pair<std::string, std::uint16_t>, event_offset>;

struct memory_state {
  memory_state(std::uint16_t shards, completion when);

  std::mutex mutex;
  const std::uint16_t shards;
  const completion when;
  /// Counts opens and crashes: a store of an earlier one is dead.
  std::uint64_t generation = 0;

  std::vector<memory_log> logs;
  memory_cursors cursors;
  memory_image durable;

  // What belongs to the open store, lost in a crash.
  std::deque<memory_append> queue;
  std::vector<journal_listener*> listeners;
  std::vector<log_index> appended;
  memory_cursors fresh_cursors;
  std::optional<error> failed;
  bool delivering = false;
  std::function<void(const commit_stats&)> on_commit;
  commit_stats stats;
  memory_image current;
  std::uint64_t next_table = 1;

  /// Drops what a crash loses and makes every open store a dead one. The mutex must be held.
  void restart();
  /// One commit of at most `count_max` batches, or its failure. Returns how many batches it dealt with.
  std::size_t commit(std::size_t count_max);
  /// Commits until nothing is queued. One thread at a time delivers: others leave their work to it.
  void drain();
  /// The same, if the store of that generation is still the open one.
  void drain_if(std::uint64_t mine);
};

std::unique_ptr<journal> make_memory_journal(std::shared_ptr<memory_state> state);
std::unique_ptr<derived_store> make_memory_derived(std::shared_ptr<memory_state> state);
std::unique_ptr<table_store> make_memory_tables(std::shared_ptr<memory_state> state);

/// The answer of a dead store.
inline tl::unexpected<error> store_closed() {
  return failure(error_kind::unavailable, "store_closed", "the store is closed or its process has crashed");
}

}  // namespace bv::storage
