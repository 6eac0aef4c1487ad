#pragma once

#include "actors/replication/types.hpp"
#include "actors/runtime/founding.hpp"
#include "storage/types.hpp"

namespace bv::runtime {

/// Who belongs to a shard's group when a cluster is founded: `replicas` of the nodes have a vote, in a circle that begins
/// with another node for each shard; the others follow the log, because every node has read models of all shards. If the
/// cluster has a history, whoever brings it votes on every shard, in the place of the circle's last: nobody else has anything
/// to lead with.
replication::configuration founding_members(storage::shard_id shard, const charter& cluster);

/// Who leads the shard if all is well: the first of the circle.
node_id founding_leader(storage::shard_id shard, const charter& cluster);

}  // namespace bv::runtime
