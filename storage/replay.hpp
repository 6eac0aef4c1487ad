#pragma once

#include <functional>
#include <vector>

#include "storage/derived_store.hpp"
#include "storage/journal.hpp"

namespace bv::storage {

/// Reads a shard's log after `after` to its end and hands on, page by page, what each record changed.
/// How a derived store catches up with the log at open, or is built anew. Only what is in the records: so
/// no snapshots. Errors: `derived_lost` if the log no longer reaches back to `after`; as journal::read; and
/// whatever `visit` returns.
result<void> replay_log(
    journal& log, shard_id shard, log_index after,
    const std::function<result<void>(log_index through, std::vector<entity_update>)>& visit);

/// Makes one update of two of the same entity, the later one last.
void merge_update(entity_update& into, entity_update later);

}  // namespace bv::storage
