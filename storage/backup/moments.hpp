#pragma once

#include <optional>
#include <vector>

#include "protocols/schema/base/time.hpp"
#include "storage/backup/restore.hpp"
#include "storage/rocks/log_db.hpp"

/// When batches were written. Control batches do not say, and are passed over. Errors: as log_db's reads.
namespace bv::storage {

/// Of the first batch in `from` … `through` that says; nothing if none does.
result<std::optional<timestamp>> first_written(log_db& log, shard_id shard, log_index from, log_index through);

/// By shard, a stretch of its log that is left out; empty if `through` is before `from`.
struct left_out {
  log_index from, through;
};
/// The earliest first_written() of all stretches, one for each shard; nothing if none has any.
result<std::optional<timestamp>> first_left_out(log_db& log, const std::vector<left_out>& stretches);

/// Where a shard ends if all at the end of its first `from` batches goes that was written at `moment` or later. Reads backwards,
/// only what goes.
result<restored_shard> last_before(log_db& log, shard_id shard, log_index from, timestamp moment);

}  // namespace bv::storage
