#pragma once

#include <cstdint>
#include <vector>

#include "actors/replication/types.hpp"
#include "actors/runtime/interconnect.hpp"
#include "storage/types.hpp"

namespace bv::runtime {

/// Who belongs to a shard's group when a cluster is founded: `replicas` of the nodes have a vote, in a circle that begins
/// with another node for each shard; the others follow the log, because every node has read models of all shards. The same
/// on all nodes if `founders` is.
replication::configuration founding_members(storage::shard_id shard, const std::vector<node_id>& founders,
                                            std::uint16_t replicas);

/// Who leads the shard if all is well: the first of the circle.
node_id founding_leader(storage::shard_id shard, const std::vector<node_id>& founders);

}  // namespace bv::runtime
