#pragma once

#include "sim/plan/plan.hpp"
#include "storage/types.hpp"

/// What the tests of disks go through.
namespace bv::sim::testing {

inline constexpr storage_tier tiers[] = {storage_tier::memory, storage_tier::rocks};
inline constexpr storage::shard_id first_shard{0}, second_shard{1};

}  // namespace bv::sim::testing
