#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "protocols/schema/base/bytes.hpp"
#include "protocols/schema/base/entity_key.hpp"
#include "protocols/schema/base/result.hpp"
#include "protocols/schema/base/time.hpp"
#include "storage/journal.hpp"
#include "storage/types.hpp"

namespace bv::storage {

/// State of an entity at `version`, as its aggregate type encoded it. `index` is the batch that made it so.
struct snapshot {
  std::uint64_t version = 0;
  log_index index;
  bytes data;
};

/// What changed for one entity in a committed record; comes from the record itself, so that the store can be
/// rebuilt from the log without knowing any aggregate.
struct entity_update {
  entity_key entity;
  std::uint64_t version = 0;
  log_index index;        ///< batch that holds the entity's newest record
  timestamp wake_before;  ///< as in record_view
  timestamp wake_after;
  std::optional<snapshot> taken;
};

/// All that is needed to bring an entity back: its newest snapshot, and where its newest record is.
struct entity_row {
  std::uint64_t version = 0;
  log_index last;
  timestamp wake;
  std::optional<snapshot> newest_snapshot;
};

struct due_entity {
  timestamp due;
  entity_key entity;
};

/// Entity index, snapshots and timers: everything that is computed from the logs and kept only to make
/// recovery and wake-ups quick. Writes are memory-fast and not fsynced one by one; after a crash open()
/// replays the logs' tails from the last durable mark. Deleting its folder costs a rebuild, never data
/// (while the logs' prefixes are still there).
///
/// Threads: any. Reads may touch the disk.
class derived_store {
 public:
  virtual ~derived_store() = default;

  /// Takes what the batches up to `through` changed, in log order. Committed batches only. Never blocks on
  /// the disk.
  virtual void apply(shard_id shard, log_index through, std::vector<entity_update> updates) = 0;

  /// Nothing if the entity never had a record.
  virtual result<std::optional<entity_row>> find(shard_id shard, const entity_key& entity) = 0;

  /// True if the entity certainly never had a record; false if that can't be told without touching the disk. Quick.
  virtual bool certainly_absent(shard_id shard, const entity_key& entity) = 0;

  /// Entities with a registered wake-up after `after` (in the order of due, then entity) and due at or before
  /// `until`, at most `count_max`. Start with a default `after`; go on with the last one returned.
  virtual result<std::vector<due_entity>> due(shard_id shard, const due_entity& after, timestamp until,
                                              std::size_t count_max) = 0;

  /// Entities of a type in id order after `after` (exclusive; empty starts), at most `count_max`.
  virtual result<std::vector<entity_key>> list(shard_id shard, std::string_view tenant, std::string_view type,
                                               std::string_view after_id, std::size_t count_max) = 0;

  /// Up to where batches were applied.
  virtual log_index through(shard_id shard) const = 0;

  /// Up to where the store is on disk: what retention may drop.
  virtual log_index durable_through(shard_id shard) const = 0;

  /// Makes everything applied durable. Called at a clean stop, so that the next start replays nothing.
  virtual result<void> flush() = 0;
};

/// An entity's records after `after`, oldest first, found by walking the `previous` links back from `last`.
struct entity_history {
  std::vector<log_entry> batches;  ///< distinct batches in log order; each holds at least one of its records
};
result<entity_history> read_history(journal& log, shard_id shard, const entity_key& entity, log_index last,
                                    log_index after);

}  // namespace bv::storage
