#pragma once

#include <cstdint>

#include "protocols/schema/base/strong.hpp"

namespace bv::storage {

/// A shard: the unit of ordering, placement and replication. 0 … shard count - 1.
using shard_id = strong<struct shard_tag, std::uint16_t>;

/// Place of a batch in a shard's log. The first is 1; 0 means "none".
using log_index = strong<struct log_index_tag, std::uint64_t>;

/// Raft term under which a batch was appended. A single node stays in term 1.
using term_number = strong<struct term_tag, std::uint64_t>;

/// Place of an event in a shard, counted over all its events and without gaps; the first is 1. A cursor holds
/// the offset of the last event that was dealt with; 0 means "from the start".
using event_offset = strong<struct event_offset_tag, std::uint64_t>;

}  // namespace bv::storage
