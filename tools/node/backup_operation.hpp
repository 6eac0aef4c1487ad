#pragma once

#include <boost/json/fwd.hpp>
#include <memory>
#include <string>

#include "actors/runtime/clock.hpp"
#include "protocols/admin/operation.hpp"
#include "storage/backup/manifest.hpp"
#include "storage/store.hpp"

namespace bv::tools {

/// `backup`: {"to": "/an/absolute/folder", "rate_mb": 50}. The rate, in 10^6 bytes a second, may be left out. Progress:
/// {"doing", "done_bytes", "total_bytes"}; the result is summary_of() with the folder. Everything must outlive it. If the
/// log is replicated, `replicated_shards` says how many shards it has, else 0: then only what this node knows to be committed
/// belongs to the backup.
/// Errors: `bad_arguments`, `backup_inside_data_dir` (invalid), and those of storage::back_up().
std::unique_ptr<admin::operation> make_backup_operation(const storage::store& store, std::string data_dir,
                                                        std::uint16_t replicated_shards, const runtime::clock& time);

/// What people and scripts want to know of a backup: when it was made, by what, how much is in it, and the cursor of its end.
boost::json::object summary_of(const storage::backup_manifest& backup);

}  // namespace bv::tools
