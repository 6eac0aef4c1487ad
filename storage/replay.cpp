#include "storage/replay.hpp"

#include "protocols/schema/base/mutation.hpp"
#include "storage/log_rules.hpp"

namespace bv::storage {

result<void> for_each_update(
    shard_id shard, log_index index, bytes_view batch,
    const std::function<void(const record_view&, std::span<const event_view>, entity_update)>& see) {
  auto reader = batch_reader::open(batch);
  if (!reader) return corrupt_at(shard, index, std::move(reader).error());
  record_view record;
  std::vector<event_view> events;
  for (;;) {
    const auto more = reader->next(record, events);
    if (!more) return corrupt_at(shard, index, more.error());
    if (!*more) return {};
    auto key = entity_key::parse(record.entity);
    if (!key) return corrupt_at(shard, index, std::move(key).error());
    const auto last = mutated(mutation::entity_index_one_record_behind) ? record.previous : index;
    see(record, events, {*std::move(key), record.version, last, record.wake_before, record.wake_after, {}});
  }
}

result<void> replay_log(journal& log, shard_id shard, log_index after,
                        const std::function<result<void>(log_index, std::vector<entity_update>)>& visit) {
  const auto bounds = log.bounds(shard);
  if (after.next() < bounds.first)
    return failure(error_kind::internal, "derived_lost",
                   "what was derived ends at batch " + std::to_string(after.value) +
                       ", but the log begins at " + std::to_string(bounds.first.value) +
                       "; restore derived/ from a backup",
                   "shard " + std::to_string(shard.value));
  auto next = after.next();
  while (next <= bounds.last) {
    BV_ASSIGN(const auto page, log.read(shard, next, log_page_size_bytes));
    if (page.empty()) return missing_batch(shard, next);
    std::vector<entity_update> updates;
    for (const auto& entry : page)
      BV_TRY(for_each_update(shard, entry.index, entry.data,
                             [&](const auto&, auto, entity_update one) { updates.push_back(std::move(one)); }));
    const auto through = page.back().index;
    BV_TRY(visit(through, std::move(updates)));
    next = through.next();
  }
  return {};
}

void merge_update(entity_update& into, entity_update later) {
  // The oldest wake_before is the one that the index on disk still has.
  into.version = later.version;
  into.index = later.index;
  into.wake_after = later.wake_after;
  if (later.taken) into.taken = std::move(later.taken);
}

}  // namespace bv::storage
