#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "protocols/schema/contract.hpp"
#include "sim/observe/observation.hpp"

namespace bv::sim {

/// Null if there is none of that name.
const schema::aggregate_contract* find_contract(std::span<const schema::aggregate_contract* const> contracts,
                                                std::string_view type);

/// Where a batch was found, and when.
struct batch_place {
  std::uint16_t node = 0;
  storage::shard_id shard;
  storage::log_index index;
  timestamp committed_at;
};

/// The records of a batch with the names of their events.
result<std::vector<observed_record>> batch_records(std::span<const schema::aggregate_contract* const> contracts,
                                                   const batch_place& where, bytes_view data);

}  // namespace bv::sim
