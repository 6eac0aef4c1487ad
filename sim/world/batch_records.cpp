#include "sim/world/batch_records.hpp"

#include <algorithm>

#include "storage/batch.hpp"

namespace bv::sim {

const schema::aggregate_contract* find_contract(std::span<const schema::aggregate_contract* const> contracts,
                                                std::string_view type) {
  const auto found = std::ranges::find_if(contracts, [&](const auto* one) { return one->name() == type; });
  return found == contracts.end() ? nullptr : *found;
}

result<std::vector<observed_record>> batch_records(std::span<const schema::aggregate_contract* const> contracts,
                                                   const batch_place& where, bytes_view data) {
  BV_ASSIGN(auto batch, storage::batch_reader::open(data));
  std::vector<observed_record> all;
  auto offset = batch.first_offset();
  storage::record_view record;
  std::vector<storage::event_view> events;
  while (true) {
    BV_ASSIGN(const bool more, batch.next(record, events));
    if (!more) return all;
    BV_ASSIGN(auto entity, entity_key::parse(record.entity));
    const auto* const contract = find_contract(contracts, entity.type());
    if (!contract) return failure(error_kind::internal, "journal_corrupt", "a record of an unknown type", entity.text());
    observed_record seen{.node = where.node, .shard = where.shard, .index = where.index, .first_offset = offset,
                         .entity = std::move(entity), .version = record.version, .decided_at = record.at,
                         .committed_at = where.committed_at, .wake_before = record.wake_before,
                         .wake_after = record.wake_after, .command_id = record.command_id,
                         .principal = std::string(record.principal), .events = {}};
    for (const auto& event : events) {
      const auto* const type = contract->find_event(event.ordinal);
      if (!type) return failure(error_kind::internal, "journal_corrupt", "an event of an unknown type", seen.entity.text());
      seen.events.push_back({event.ordinal, type->name, bytes(event.payload)});
      offset = offset.next();
    }
    all.push_back(std::move(seen));
  }
}

}  // namespace bv::sim
