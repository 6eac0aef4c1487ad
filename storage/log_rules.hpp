#pragma once

#include <algorithm>
#include <string>

#include "protocols/schema/base/result.hpp"
#include "storage/batch.hpp"
#include "storage/journal.hpp"
#include "storage/types.hpp"

/// What every implementation of the journal must do alike.
namespace bv::storage {

/// Retention drops this many batches at a time: one mark in the database for each segment, not each batch.
constexpr std::uint64_t segment_batches = 256;

/// Who goes through a whole log reads so much of it at a time.
constexpr std::size_t log_page_size_bytes = std::size_t{1} << 20;

/// Up to where drop_prefix() may forget: whole segments only, and never a shard's last batch, which
/// says where the log goes on. Less than `bounds.first` if nothing may go.
inline log_index droppable_through(const log_bounds& bounds, log_index through) {
  if (bounds.last.value == 0) return {};
  const auto limit = std::min(through.value, bounds.last.value - 1);
  return log_index{limit - limit % segment_batches};
}

inline tl::unexpected<error> dropped(shard_id shard, const log_bounds& bounds) {
  return failure(error_kind::not_found, "offset_dropped",
                 "shard " + std::to_string(shard.value) + " keeps its log from batch " +
                     std::to_string(bounds.first.value) + ", offset " +
                     std::to_string(bounds.first_offset.value) + " on; what was before is dropped",
                 "shard " + std::to_string(shard.value));
}

/// Adds the place to what a batch_reader said.
inline tl::unexpected<error> corrupt_at(shard_id shard, log_index index, error why) {
  why.context = "shard " + std::to_string(shard.value) + ", batch " + std::to_string(index.value) +
                (why.context.empty() ? "" : ", " + why.context);
  return tl::unexpected<error>(std::move(why));
}

/// The bounds after the batch that `batch` opens was added.
inline void extend(log_bounds& bounds, const batch_reader& batch) {
  bounds.last = batch.index();
  bounds.last_term = batch.term();
  bounds.last_offset = event_offset{batch.first_offset().value + batch.event_count() - 1};
}

/// The batch that holds `offset`, or the first after it; one past the last if there is none yet. Binary
/// search: `open(index)` reads the header of one batch.
template <class Open>
result<log_index> find_offset(shard_id shard, const log_bounds& bounds, event_offset offset, Open open) {
  if (offset < bounds.first_offset) {
    if (offset.value != 0) return dropped(shard, bounds);
    return bounds.first;
  }
  if (offset > bounds.last_offset) return bounds.last.next();
  auto low = bounds.first, high = bounds.last;
  while (low < high) {
    const log_index middle{low.value + (high.value - low.value) / 2};
    BV_ASSIGN(const batch_reader batch, open(middle));
    if (batch.first_offset().value + batch.event_count() > offset.value)
      high = middle;
    else
      low = middle.next();
  }
  return low;
}

inline tl::unexpected<error> missing_batch(shard_id shard, log_index index) {
  return corrupt_at(shard, index,
                    {error_kind::internal, "journal_corrupt", "the batch is missing from the log"});
}

}  // namespace bv::storage
