#include "actors/runtime/entity.hpp"

#include "protocols/schema/base/mutation.hpp"
#include "protocols/schema/runtime/stored.hpp"
#include "storage/batch.hpp"

namespace bv::runtime {
namespace {

result<void> restore_snapshot(recovered_entity& into, const storage::snapshot& taken, const aggregate_type& type,
                              const limits& bounds) {
  stored::entity_snapshot snapshot;
  BV_TRY(stored::decode(taken.data, snapshot));
  BV_ASSIGN(into.state, type.decode(snapshot.state));
  for (auto& entry : snapshot.commands)
    into.remembered.remember({.id = {entry.id_high, entry.id_low},
                              .body_hash = entry.body_hash,
                              .at = entry.at,
                              .index = taken.index,
                              .reply = std::move(entry.reply)},
                             bounds.remembered_per_entity_max, bounds.remember_for);
  into.version = taken.version;
  into.snapshot_size_bytes = taken.data.size();
  return {};
}

/// The snapshot may hold a record's effect already. The version tells where there are events, else the command id.
bool known_already(const recovered_entity& found, const storage::record_view& record) {
  if (record.event_count > 0) return record.version <= found.version;
  return found.remembered.find(record.command_id) != nullptr;
}

result<void> replay_record(recovered_entity& into, storage::log_index index, const storage::record_view& record,
                           const std::vector<storage::event_view>& events, const aggregate_type& type,
                           const limits& bounds) {
  for (const auto& event : events) {
    if (auto replayed = type.replay(*into.state, event.payload); !replayed)
      return failure(error_kind::internal, "event_unreadable",
                     "an event in the journal can't be read with today's contract: " + describe(replayed.error()),
                     std::string(record.entity) + " version " + std::to_string(record.version));
    into.bytes_since_snapshot += event.payload.size();
  }
  into.version = record.version;
  into.events_since_snapshot += record.event_count;
  if (const auto known = into.remembered.oldest_first();
      mutated(mutation::one_dedupe_entry_a_batch) && !known.empty() && known.back().index == index)
    return {};
  if (record.command_id != hash128_value{})
    into.remembered.remember({.id = record.command_id,
                              .body_hash = record.body_hash,
                              .at = record.at,
                              .index = index,
                              .reply = bytes(record.reply)},
                             bounds.remembered_per_entity_max, bounds.remember_for);
  return {};
}

}  // namespace

bytes encode_snapshot(const entity& of) {
  stored::entity_snapshot snapshot;
  snapshot.state = of.type->encode(*of.state);
  if (mutated(mutation::dedupe_missing_from_snapshot)) return stored::encode(snapshot);
  for (const auto& entry : of.remembered.oldest_first())
    snapshot.commands.push_back({entry.id.high, entry.id.low, entry.body_hash, entry.at, entry.reply});
  return stored::encode(snapshot);
}

result<recovered_entity> recover_entity(storage::store& store, storage::shard_id shard, const entity_key& key,
                                        const aggregate_type& type, const limits& bounds) {
  recovered_entity found;
  BV_ASSIGN(const auto row, store.derived->find(shard, key));
  if (!row) {
    found.state = type.create();
    return found;
  }
  storage::log_index after;
  if (row->newest_snapshot) {
    BV_TRY(restore_snapshot(found, *row->newest_snapshot, type, bounds));
    // The batch of the snapshot may hold records that came after it: read that one again.
    after = storage::log_index{row->newest_snapshot->index.value - 1};
  } else {
    found.state = type.create();
  }
  found.last = row->last;
  found.wake_registered = row->wake;

  BV_ASSIGN(const auto history, storage::read_history(*store.log, shard, key, row->last, after));
  storage::record_view record;
  std::vector<storage::event_view> events;
  for (const auto& entry : history.batches) {
    BV_ASSIGN(auto reader, storage::batch_reader::open(entry.data));
    while (true) {
      BV_ASSIGN(const bool more, reader.next(record, events));
      if (!more) break;
      if (record.entity != key.text() || known_already(found, record)) continue;
      BV_TRY(replay_record(found, entry.index, record, events, type, bounds));
    }
  }
  return found;
}

}  // namespace bv::runtime
