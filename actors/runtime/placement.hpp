#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "actors/replication/types.hpp"
#include "actors/runtime/founding.hpp"
#include "protocols/schema/cluster/members.hpp"
#include "storage/types.hpp"

namespace bv::runtime {

/// Who belongs to a shard's group when a cluster is founded: `replicas` of the nodes have a vote, in a circle that begins
/// with another node for each shard; the others follow the log, because every node has read models of all shards. If the
/// cluster has a history, whoever brings it votes on every shard, in the place of the circle's last: nobody else has anything
/// to lead with.
replication::configuration founding_members(storage::shard_id shard, const charter& cluster);

/// The ids of those with a vote; the first of the circle comes first, and leads if all is well.
std::vector<std::uint64_t> founding_voters(std::uint16_t shard, std::size_t replicas, const std::vector<std::uint64_t>& nodes);

/// A shard's voters as they are to be; the first is to lead.
struct placement {
  std::uint16_t shard = 0;
  std::vector<std::uint64_t> voters;
  friend bool operator==(const placement&, const placement&) = default;
};

/// The next change that takes votes and leaderships from nodes that should not have them, or gives a shard a vote that it lacks.
/// Only of shards that are settled, or whose wish can't come true; of the former only if `more`. Nothing if all is well.
std::optional<placement> next_repair(const members::state& now, bool more);

/// The next change that makes the active nodes' shares of votes, then of leaderships, more even. Nothing if no single one does.
std::optional<placement> next_balance(const members::state& now);

/// How many voters each shard is to have: as many as replicas, or fewer if there are fewer nodes.
std::size_t voters_wanted(const members::state& now);

}  // namespace bv::runtime
