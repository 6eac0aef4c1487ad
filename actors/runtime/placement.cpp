#include "actors/runtime/placement.hpp"

#include "protocols/schema/base/assert.hpp"

namespace bv::runtime {

replication::configuration founding_members(storage::shard_id shard, const std::vector<node_id>& founders,
                                            std::uint16_t replicas) {
  BV_ASSERT(!founders.empty(), "a cluster is founded by somebody");
  using replication::server_role;
  replication::configuration members;
  for (std::size_t i = 0; i < founders.size(); ++i) {
    const auto place = (i + founders.size() - shard.value % founders.size()) % founders.size();
    members.servers.push_back({founders[i].value, place < replicas ? server_role::voter : server_role::learner});
  }
  return members;
}

node_id founding_leader(storage::shard_id shard, const std::vector<node_id>& founders) {
  return founders[shard.value % founders.size()];
}

}  // namespace bv::runtime
