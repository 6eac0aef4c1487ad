#pragma once

#include <functional>
#include <span>
#include <vector>

#include "storage/batch.hpp"
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

/// Calls `see` with each record of a batch, its events and what it changed. Errors: `journal_corrupt` with the place.
result<void> for_each_update(
    shard_id shard, log_index index, bytes_view batch,
    const std::function<void(const record_view&, std::span<const event_view>, entity_update)>& see);

/// Makes one update of two of the same entity, the later one last.
void merge_update(entity_update& into, entity_update later);

}  // namespace bv::storage
