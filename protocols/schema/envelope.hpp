#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "protocols/schema/base/bytes.hpp"
#include "protocols/schema/base/entity_key.hpp"
#include "protocols/schema/base/result.hpp"
#include "protocols/schema/base/time.hpp"
#include "protocols/schema/contract.hpp"

namespace bv::schema {

/// What is known of a committed event besides its payload.
struct event_facts {
  std::uint16_t shard = 0;
  std::uint64_t offset = 0;
  const entity_key& entity;
  std::uint16_t ordinal = 0;
  timestamp at;
  std::string_view trace;        ///< W3C traceparent, or empty
  std::string_view correlation;
  std::string_view producer;     ///< the node's name
};

/// "3-1041": unique for ever, and the place of the event in the log.
std::string event_id(std::uint16_t shard, std::uint64_t offset);

/// The envelope that every external channel carries: eventId, eventType, occurredAt, producer, traceId,
/// correlationId, schemaVersion, tenantId, partitionKey (`cart/alice`), payload. What is not known is an empty string.
/// `message` is the event as the journal holds it: its root is the contract's Event union.
result<std::string> event_json(const aggregate_contract& contract, const event_facts& about, bytes_view message);

/// {"type":"cart","id":"alice","version":3,"events":["ecommerce.cart.item_added.v1"]}
std::string receipt_json(const aggregate_contract& contract, const entity_key& entity, std::uint64_t version,
                         std::span<const std::uint16_t> events);

/// The trace id of a well-formed traceparent; empty for any other text.
std::string_view trace_id_of(std::string_view traceparent);

}  // namespace bv::schema
