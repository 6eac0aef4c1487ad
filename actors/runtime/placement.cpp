#include "actors/runtime/placement.hpp"

#include "protocols/schema/base/assert.hpp"

namespace bv::runtime {

replication::configuration founding_members(storage::shard_id shard, const charter& cluster) {
  using replication::server_role;
  const auto count = cluster.founders.size();
  BV_ASSERT(count > 0, "a cluster is founded by somebody");
  replication::configuration members;
  for (std::size_t i = 0; i < count; ++i) {
    const auto place = (i + count - shard.value % count) % count;
    members.servers.push_back({cluster.founders[i].node, place < cluster.replicas ? server_role::voter : server_role::learner});
  }
  return members;
}

node_id founding_leader(storage::shard_id shard, const charter& cluster) {
  return node_id{cluster.founders[shard.value % cluster.founders.size()].node};
}

}  // namespace bv::runtime
