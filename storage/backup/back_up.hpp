#pragma once

#include <string>
#include <vector>

#include "storage/backup/manifest.hpp"
#include "storage/backup/task.hpp"
#include "storage/store.hpp"

namespace bv::storage {

struct backup_options {
  timestamp created_at;    ///< noted in the manifest
  std::string program;     ///< likewise
  /// By shard: the last batch that belongs to the backup, for a cluster where more may be on this disk than is
  /// committed. Empty: all that is durable when it begins, and maybe some of what comes while it runs.
  std::vector<log_index> through;
  backup_task task;
};

/// Backs up the log of an open store, which goes on serving, into a folder that is empty or new. What is derived is not in
/// it: the first start after a restore computes it again. Files that RocksDB never writes again are hard links if the
/// folder is on the same file system, else copies. Before the manifest is written every batch of the backup is read
/// and checked. If it fails, what it made is removed again, as far as the disk allows.
///
/// Any thread; blocks. The store must not be closed meanwhile. Errors: `backup_folder_not_empty` (kind conflict),
/// `backup_unsupported` (the store has no files), `beginning_dropped` (retention took what a restore would need),
/// `journal_corrupt`, `cancelled`, `disk_full`, `disk_failed`.
result<backup_manifest> back_up(const store& running, const std::string& folder, const backup_options& options);

}  // namespace bv::storage
