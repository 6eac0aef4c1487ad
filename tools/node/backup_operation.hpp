#pragma once

#include <boost/json/fwd.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "actors/runtime/clock.hpp"
#include "protocols/admin/operation.hpp"
#include "storage/backup/manifest.hpp"
#include "storage/store.hpp"

namespace bv::tools {

/// Of a log that is replicated.
struct replicated_log {
  std::uint16_t shards = 0;
  /// As runtime::node's.
  std::function<void(duration at_most, std::function<void(result<void>)> done)> level;
};

/// How long a backup waits until its node has everything that the cluster had committed when it was asked for.
constexpr duration level_in = std::chrono::seconds{60};

/// `backup`: {"to": "/an/absolute/folder", "rate_mb": 50, "as_is": true}. The rate, in 10^6 bytes a second, may be left out. Progress:
/// {"doing", "done_bytes", "total_bytes"}; the result is summary_of() with the folder. Everything must outlive it.
///
/// Of a node of a cluster the backup has all that any of its nodes had acknowledged when it was asked for: first it waits until
/// this node has it. With `as_is` it has what this node knows to be committed, without asking anybody: for when the others are lost.
/// Errors: `bad_arguments`, `backup_inside_data_dir` (invalid), `not_level` (unavailable), and those of storage::back_up().
std::unique_ptr<admin::operation> make_backup_operation(const storage::store& store, std::string data_dir,
                                                        std::optional<replicated_log> replicated, const runtime::clock& time);

/// What people and scripts want to know of a backup: when it was made, by what, how much is in it, and the cursor of its end.
boost::json::object summary_of(const storage::backup_manifest& backup);

}  // namespace bv::tools
