#pragma once

#include <functional>

#include "storage/backup/manifest.hpp"
#include "storage/backup/pace.hpp"
#include "storage/batch.hpp"
#include "storage/rocks/log_db.hpp"

namespace bv::storage {

/// Reads every batch of a shard from the first to `through` (or the last, if that is before), checks every checksum and that
/// indexes and offsets join, shows each to `see`, and says what it found. Errors: `journal_corrupt` with shard and batch;
/// `cancelled`.
result<shard_extent> walk_shard(log_db& log, shard_id shard, log_index through, pace& at,
                                const std::function<void(const batch_reader&)>& see);

}  // namespace bv::storage
