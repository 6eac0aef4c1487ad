#include "actors/runtime/placement.hpp"

#include <algorithm>

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
  const auto brings = [&](const replication::server& one) { return one.id == cluster.history; };
  const auto elder = std::ranges::find_if(members.servers, brings);
  if (elder == members.servers.end() || elder->role == server_role::voter) return members;
  const auto last = (shard.value + std::size_t{cluster.replicas} - 1) % count;
  members.servers[last].role = server_role::learner;
  elder->role = server_role::voter;
  return members;
}

node_id founding_leader(storage::shard_id shard, const charter& cluster) {
  return node_id{cluster.founders[shard.value % cluster.founders.size()].node};
}

}  // namespace bv::runtime
