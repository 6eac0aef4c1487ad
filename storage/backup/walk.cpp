#include "storage/backup/walk.hpp"

#include <algorithm>

#include "storage/backup/digest_stream.hpp"
#include "storage/log_rules.hpp"

namespace bv::storage {
namespace {

tl::unexpected<error> does_not_join(shard_id shard, const batch_reader& batch, event_offset expected) {
  return corrupt_at(shard, batch.index(),
                    {error_kind::internal, "journal_corrupt",
                     "the batch begins with offset " + std::to_string(batch.first_offset().value) +
                         ", but the one before leads to " + std::to_string(expected.value)});
}

}  // namespace

result<shard_extent> walk_shard(log_db& log, shard_id shard, log_index through, pace& at,
                                const std::function<void(const batch_reader&)>& see) {
  const auto bounds = log.bounds(shard);
  const auto last = std::min(bounds.last, through);
  shard_extent seen{bounds.first, {}, bounds.first_offset, event_offset{bounds.first_offset.value - 1}, {}, {}};
  digest_stream digest;
  for (auto next = bounds.first; next <= last;) {
    BV_ASSIGN(const auto page, log.read(shard, next, log_page_size_bytes));
    if (page.empty()) return missing_batch(shard, next);
    for (const auto& entry : page) {
      if (entry.index > last) break;
      const auto batch = batch_reader::open(entry.data);
      if (!batch) return corrupt_at(shard, entry.index, batch.error());
      if (batch->first_offset() != seen.last_offset.next())
        return does_not_join(shard, *batch, seen.last_offset.next());
      BV_TRY(at.take(entry.data.size()));
      digest.add(entry.data);
      see(*batch);
      seen.last = entry.index;
      seen.last_term = batch->term();
      seen.last_offset = event_offset{batch->next_offset().value - 1};
    }
    next = page.back().index.next();
  }
  seen.digest = digest.value();
  return seen;
}

}  // namespace bv::storage
