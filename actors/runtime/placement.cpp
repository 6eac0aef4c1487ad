// Where the shards of a cluster are. Every member follows every shard's log; what is placed are votes and leaderships. The
// two functions at the end each give one step, and taking steps until there is none ends: a repair leaves a shard that needs none,
// and a balancing step makes the sum of squares of the shares smaller.

#include "actors/runtime/placement.hpp"

#include <algorithm>
#include <map>

#include "protocols/schema/base/assert.hpp"

namespace bv::runtime {
namespace {

using members::standing;

using share_by_node = std::map<std::uint64_t, std::size_t>;
using ids = std::vector<std::uint64_t>;

bool contains(const ids& all, std::uint64_t one) { return std::ranges::find(all, one) != all.end(); }

ids standing_so(const members::state& now, standing how) {
  ids all;
  for (const auto& one : now.nodes)
    if (one.standing == how) all.push_back(one.id);
  return all;
}

/// Who may vote: the active nodes, and, if they are too few, others that are not leaving.
ids eligible(const members::state& now) {
  auto all = standing_so(now, standing::active);
  for (const auto how : {standing::draining, standing::lost})
    for (const auto one : standing_so(now, how))
      if (all.size() < now.replicas) all.push_back(one);
  return all;
}

share_by_node votes_of(const members::state& now, const ids& nodes) {
  share_by_node votes;
  for (const auto one : nodes) votes[one] = 0;
  for (const auto& shard : now.shards)
    for (const auto voter : shard.voters) ++votes[voter];
  return votes;
}

share_by_node leads_of(const members::state& now, const ids& nodes) {
  share_by_node leads;
  for (const auto one : nodes) leads[one] = 0;
  for (const auto& shard : now.shards)
    if (!shard.voters.empty()) ++leads[shard.voters.front()];
  return leads;
}

/// The one with the smallest share among `from`, and not in `without`; the first of equals. 0 if there is none.
std::uint64_t least_of(const share_by_node& shares, const ids& from, const ids& without) {
  std::uint64_t least = 0;
  for (const auto one : from)
    if (!contains(without, one) && (least == 0 || shares.at(one) < shares.at(least))) least = one;
  return least;
}

void put_first(ids& voters, std::uint64_t leader) {
  const auto at = std::ranges::find(voters, leader);
  std::rotate(voters.begin(), at, at + 1);
}

/// An active node leads, if one of them votes: the one that is to lead already, else the one that leads least.
void choose_leader(const members::state& now, ids& voters) {
  const auto active = standing_so(now, standing::active);
  if (contains(active, voters.front())) return;
  ids others;
  for (const auto one : voters)
    if (!contains(active, one)) others.push_back(one);
  if (const auto leader = least_of(leads_of(now, active), active, [&] {
        ids not_voting;
        for (const auto one : active)
          if (!contains(voters, one)) not_voting.push_back(one);
        return not_voting;
      }());
      leader != 0)
    put_first(voters, leader);
}

ids repaired(const members::state& now, const ids& voters) {
  const auto may = eligible(now);
  auto votes = votes_of(now, may);
  ids all;
  for (const auto one : voters)
    if (contains(may, one)) all.push_back(one);
  const auto wanted = voters_wanted(now);
  while (all.size() > wanted) all.pop_back();
  while (all.size() < wanted) all.push_back(least_of(votes, may, all));
  if (!all.empty()) choose_leader(now, all);
  return all;
}

/// The largest and the smallest share, if they are more than one apart.
std::optional<std::pair<std::uint64_t, std::uint64_t>> uneven(const share_by_node& shares, const ids& among,
                                                              const std::pair<std::uint64_t, std::uint64_t>& besides) {
  std::optional<std::pair<std::uint64_t, std::uint64_t>> found;
  for (const auto high : among)
    for (const auto low : among) {
      if (shares.at(high) < shares.at(low) + 2 || std::pair(high, low) <= besides) continue;
      if (!found || std::pair(high, low) < *found) found = {high, low};
    }
  return found;
}

/// Calls `try_pair` with every two nodes whose shares differ by more than one until it gives a placement.
template <class TryPair>
std::optional<placement> first_of_uneven(const share_by_node& shares, const ids& among, TryPair try_pair) {
  std::pair<std::uint64_t, std::uint64_t> besides{};
  while (const auto pair = uneven(shares, among, besides)) {
    if (auto found = try_pair(pair->first, pair->second)) return found;
    besides = *pair;
  }
  return std::nullopt;
}

}  // namespace

ids founding_voters(std::uint16_t shard, std::size_t replicas, const ids& nodes) {
  BV_ASSERT(!nodes.empty(), "a cluster is founded by somebody");
  ids voters;
  for (std::size_t i = 0; i < std::min(replicas, nodes.size()); ++i) voters.push_back(nodes[(shard + i) % nodes.size()]);
  return voters;
}

replication::configuration founding_members(storage::shard_id shard, const charter& cluster) {
  using replication::server_role;
  ids nodes;
  for (const auto& one : cluster.founders) nodes.push_back(one.node);
  const auto voters = founding_voters(shard.value, cluster.replicas, nodes);
  replication::configuration members;
  for (const auto one : nodes) members.servers.push_back({one, contains(voters, one) ? server_role::voter : server_role::learner});
  const auto brings = [&](const replication::server& one) { return one.id == cluster.history; };
  const auto elder = std::ranges::find_if(members.servers, brings);
  if (elder == members.servers.end() || elder->role == server_role::voter) return members;
  // Nobody else has the log yet: it votes in the place of the last of the circle.
  std::ranges::find(members.servers, voters.back(), &replication::server::id)->role = server_role::learner;
  elder->role = server_role::voter;
  return members;
}

std::size_t voters_wanted(const members::state& now) { return std::min<std::size_t>(now.replicas, eligible(now).size()); }

std::optional<placement> next_repair(const members::state& now, bool more) {
  const auto may = eligible(now);
  for (std::uint16_t i = 0; i < now.shards.size(); ++i) {
    const auto& shard = now.shards[i];
    const bool possible = std::ranges::all_of(shard.voters, [&](auto one) { return contains(may, one); });
    if (shard.settled ? !more : possible) continue;
    if (auto voters = repaired(now, shard.voters); voters != shard.voters) return placement{i, std::move(voters)};
  }
  return std::nullopt;
}

std::optional<placement> next_balance(const members::state& now) {
  const auto active = standing_so(now, standing::active);
  auto moved = first_of_uneven(votes_of(now, active), active, [&](std::uint64_t high, std::uint64_t low) -> std::optional<placement> {
    for (std::uint16_t i = 0; i < now.shards.size(); ++i) {
      const auto& shard = now.shards[i];
      if (!shard.settled || !contains(shard.voters, high) || contains(shard.voters, low)) continue;
      auto voters = shard.voters;
      std::ranges::replace(voters, high, low);
      return placement{i, std::move(voters)};
    }
    return std::nullopt;
  });
  if (moved) return moved;
  return first_of_uneven(leads_of(now, active), active, [&](std::uint64_t high, std::uint64_t low) -> std::optional<placement> {
    for (std::uint16_t i = 0; i < now.shards.size(); ++i) {
      const auto& shard = now.shards[i];
      if (!shard.settled || shard.voters.empty() || shard.voters.front() != high || !contains(shard.voters, low)) continue;
      auto voters = shard.voters;
      put_first(voters, low);
      return placement{i, std::move(voters)};
    }
    return std::nullopt;
  });
}

}  // namespace bv::runtime
