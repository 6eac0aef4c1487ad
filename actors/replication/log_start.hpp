#pragma once

#include <string_view>
#include <vector>

#include "actors/replication/consensus.hpp"
#include "storage/journal.hpp"

/// What a group reads of the journal when it starts: only what may not be committed. How far the log is known to be
/// committed, and where the configuration is that counted there, are cursors of the journal: they are written with other
/// commits' fsyncs, so they may be older than the truth, and then more is read.
namespace bv::replication {

/// The journal's cursor that holds how far a shard's log is known to be committed, as an index.
inline constexpr std::string_view committed_cursor = "replication/committed";

struct log_start {
  start_point point;
  std::vector<entry> tail;            ///< the entries after point.committed
  storage::event_offset next_offset{1};
  bool bare = false;                  ///< the log does not say who belongs to the group
};

/// Errors: as the journal's; `configuration_dropped` if retention took the entry that names the servers.
result<log_start> read_log_start(storage::journal& log, storage::shard_id shard);

/// As of a log that nobody but this server can have written to since: all that there is counts as committed, and nothing of it
/// is read but its end. Its configurations are of groups that there are no more.
result<log_start> read_log_end(storage::journal& log, storage::shard_id shard);

/// Whether the configuration that the log was last noted to have names `who`. Errors: as the journal's.
result<bool> names(storage::journal& log, storage::shard_id shard, server_id who);

/// Notes what is committed. `of` is the newest configuration at or before `committed`.
void note_committed(storage::journal& log, storage::shard_id shard, storage::log_index of, storage::log_index committed);

}  // namespace bv::replication
