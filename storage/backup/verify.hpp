#pragma once

#include <functional>
#include <string>

#include "storage/backup/manifest.hpp"
#include "storage/backup/task.hpp"
#include "storage/batch.hpp"

namespace bv::storage {

/// Sees each batch of a backup, shard by shard, in order.
using batch_watcher = std::function<void(shard_id, const batch_reader&)>;

/// Proves that a backup is as it was made: all files and no others are there with their checksums, and every batch of every
/// shard can be read, is sound, follows the one before, and all together are what the manifest says. Changes nothing.
/// Errors: `not_a_backup`; `backup_format_unknown`; `backup_damaged` (names the file, or the shard); `journal_corrupt`
/// (names shard and batch); `cancelled`; `disk_failed`.
result<backup_manifest> verify_backup(const std::string& folder, const backup_task& task, const batch_watcher& see = {});

}  // namespace bv::storage
