#pragma once

#include <optional>
#include <string>
#include <vector>

#include "storage/backup/manifest.hpp"
#include "storage/backup/task.hpp"

namespace bv::storage {

/// Up to where. Nothing: all that the backup has.
///
/// What comes back is a moment of the whole node: of what `through` and `until` leave out, the batch that was written first
/// names it, and no shard brings back a batch that was written then or later. So nothing comes back without its cause: no saga
/// knows of a payment that is not there. A cursor that was read while the node was busy may therefore bring back a little less.
struct restore_options {
  /// By shard: no event after this offset comes back.
  std::optional<std::vector<event_offset>> through;
  /// No batch that was written later comes back.
  std::optional<timestamp> until;
  backup_task task;
};

/// More than any subscription is behind, and a fraction of the time for which command ids are remembered (24 hours or more).
constexpr duration subscriptions_set_back = std::chrono::minutes{10};

/// What comes back of one shard. Batches come back whole, so it may end before what was asked for.
struct restored_shard {
  log_index last;
  event_offset last_offset;
  term_number last_term;
  friend bool operator==(const restored_shard&, const restored_shard&) = default;
};

struct restore_plan {
  backup_manifest backup;
  std::vector<restored_shard> shards;  ///< by number
  [[nodiscard]] std::uint64_t events() const;          ///< that come back
  [[nodiscard]] std::uint64_t events_left_out() const;
};

/// Verifies a backup and says what restore() would bring back. Errors: as verify_backup's; `beyond_backup` (kind invalid:
/// `through` asks for events that the backup does not have), `shards_changed` (`through` is of another number of shards).
result<restore_plan> plan_restore(const std::string& backup, const restore_options& options);

/// Makes the data folder of a node from a backup, which stays as it is and shares nothing with it. `data_dir` must be empty or
/// missing. The work is done in `<data_dir>.restoring` beside it, which gets its final name at the end: what is broken off
/// is no data folder, and the next restore begins anew.
///
/// The log founds a new history: it has an identity of its own, so that nothing that was derived from the old one is taken
/// for its own. Votes are forgotten and terms kept, for the servers that they name are not this one's any more. Replication's
/// cursors that lie beyond the end are removed. If anything of the copied log is left out, or it was replicated, the cursors of subscriptions are set
/// back by `subscriptions_set_back` before that moment: what they caused may be among it, so they do it again; what comes twice
/// is recognized by its command id, which entities remember far longer.
///
/// Errors: as plan_restore's; `data_dir_not_empty` (kind conflict), `data_dir_is_mount_point`, `data_dir_locked` (another
/// restore is at it), `disk_full`, `disk_failed`.
result<restore_plan> restore(const std::string& backup, const std::string& data_dir, const restore_options& options);

}  // namespace bv::storage
