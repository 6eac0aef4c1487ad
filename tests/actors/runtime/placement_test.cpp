#include "actors/runtime/placement.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "tests/actors/runtime/charters.hpp"

using namespace bv;
using namespace bv::runtime;

namespace {

const std::vector<node_id> five{node_id{11}, node_id{22}, node_id{33}, node_id{44}, node_id{55}};

std::vector<std::uint64_t> voters(storage::shard_id shard, const std::vector<node_id>& founders, std::uint16_t replicas) {
  std::vector<std::uint64_t> found;
  for (const auto& one : founding_members(shard, bv::test::charter_of(founders, replicas)).servers)
    if (one.role == replication::server_role::voter) found.push_back(one.id);
  return found;
}

}  // namespace

TEST_CASE("placement: a shard's voters follow each other in a circle that begins with another node for each shard") {
  CHECK(voters(storage::shard_id{0}, five, 3) == std::vector<std::uint64_t>{11, 22, 33});
  CHECK(voters(storage::shard_id{1}, five, 3) == std::vector<std::uint64_t>{22, 33, 44});
  CHECK(voters(storage::shard_id{4}, five, 3) == std::vector<std::uint64_t>{11, 22, 55});
  CHECK(voters(storage::shard_id{5}, five, 3) == voters(storage::shard_id{0}, five, 3));
}

TEST_CASE("placement: every node is a member of every shard, in the founders' order") {
  for (std::uint16_t shard = 0; shard < 7; ++shard) {
    const auto members = founding_members(storage::shard_id{shard}, bv::test::charter_of(five, 3)).servers;
    REQUIRE(members.size() == 5);
    for (std::size_t i = 0; i < 5; ++i) CHECK(members[i].id == five[i].value);
  }
}

TEST_CASE("placement: who brings the cluster its history votes on every shard, and there are no more voters for that") {
  auto cluster = bv::test::charter_of(five, 3);
  cluster.history = 33;
  for (std::uint16_t shard = 0; shard < 5; ++shard) {
    std::vector<std::uint64_t> all;
    for (const auto& one : founding_members(storage::shard_id{shard}, cluster).servers)
      if (one.role == replication::server_role::voter) all.push_back(one.id);
    CHECK(all.size() == 3);
    CHECK(std::ranges::find(all, 33) != all.end());
    CHECK(std::ranges::find(all, founding_voters(shard, 3, {11, 22, 33, 44, 55}).front()) != all.end());
  }
  cluster.replicas = 1;
  CHECK(replication::votes(founding_members(storage::shard_id{4}, cluster), node_id{33}));
}

TEST_CASE("placement: fewer nodes than replicas all have a vote") {
  CHECK(voters(storage::shard_id{3}, {node_id{7}}, 3) == std::vector<std::uint64_t>{7});
  CHECK(voters(storage::shard_id{3}, {node_id{7}, node_id{8}}, 3) == std::vector<std::uint64_t>{7, 8});
}

TEST_CASE("placement: the leader has a vote, and the shards are shared out evenly") {
  std::map<std::uint64_t, int> leads, has_vote;
  for (std::uint16_t shard = 0; shard < 20; ++shard) {
    const auto all = founding_voters(shard, 3, {11, 22, 33, 44, 55});
    ++leads[all.front()];
    for (const auto one : all) ++has_vote[one];
    auto sorted = all;
    std::ranges::sort(sorted);
    CHECK(sorted == voters(storage::shard_id{shard}, five, 3));
  }
  for (const auto node : five) {
    CHECK(leads[node.value] == 4);
    CHECK(has_vote[node.value] == 12);
  }
}
