#include "protocols/schema/base/hash.hpp"
#include "storage/batch.hpp"
#include "storage/derived_store.hpp"
#include "storage/log_rules.hpp"

namespace bv::storage {
namespace {

/// A history is held whole. Snapshots keep the stretch since the last one short; only a type that takes none
/// can come near this.
constexpr std::size_t history_size_bytes_max = std::size_t{256} << 20;

/// Where the entity's records go on before this batch: the `previous` of its first record here. A hot entity
/// has many in one batch, whose `previous` names the batch itself.
result<log_index> previous_of(const log_entry& entry, shard_id shard, const entity_key& entity) {
  auto reader = batch_reader::open(entry.data);
  if (!reader) return corrupt_at(shard, entry.index, std::move(reader).error());
  record_view record;
  std::vector<event_view> events;
  for (;;) {
    const auto more = reader->next(record, events);
    if (!more) return corrupt_at(shard, entry.index, more.error());
    if (!*more) break;
    if (record.entity != entity.text()) continue;
    if (record.previous >= entry.index) break;
    return record.previous;
  }
  return corrupt_at(shard, entry.index,
                    {error_kind::internal, "journal_corrupt",
                     "the batch should hold a record of " + entity.text() + " that follows an earlier one"});
}

}  // namespace

result<entity_history> read_history(journal& log, shard_id shard, const entity_key& entity, log_index last,
                                    log_index after) {
  entity_history found;
  std::size_t size_bytes = 0;
  for (auto at = last; at > after;) {
    BV_ASSIGN(auto page, log.read(shard, at, 1));
    if (page.empty() || page.front().index != at) return missing_batch(shard, at);
    size_bytes += page.front().data.size();
    if (size_bytes > history_size_bytes_max)
      return failure(error_kind::too_large, "history_too_large",
                     "the records of " + entity.text() + " after batch " + std::to_string(after.value) +
                         " lie in more than " + std::to_string(history_size_bytes_max) +
                         " bytes of batches; read from a later one, or take snapshots",
                     entity.text());
    BV_ASSIGN(const auto previous, previous_of(page.front(), shard, entity));
    found.batches.push_back(std::move(page.front()));
    at = previous;
  }
  std::reverse(found.batches.begin(), found.batches.end());
  return found;
}

}  // namespace bv::storage
