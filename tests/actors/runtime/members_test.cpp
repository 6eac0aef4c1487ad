// Covers: protocols/schema/cluster/members.capnp
#include "actors/runtime/members.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "actors/runtime/placement.hpp"
#include "actors/runtime/random.hpp"
#include "tests/actors/scenario.hpp"

namespace bv::runtime::members {
namespace {

using bv::test::start;

using story = test::scenario<contract>;

identity who(std::uint64_t id) {
  const auto name = "n" + std::to_string(id);
  return {id, name, name + ":9100", 1};
}

story a_story() { return {make_type(), "cluster", "members"}; }

found founding(std::uint16_t nodes, std::uint16_t shards, std::uint16_t replicas) {
  found wish{.cluster = 7, .shards = shards, .replicas = replicas, .founders = {}};
  for (std::uint64_t i = 1; i <= nodes; ++i) wish.founders.push_back(who(i));
  return wish;
}

/// A cluster on which operators act and whose shards settle as they please.
struct cluster {
  explicit cluster(found how) { REQUIRE(ask(how).has_value()); }

  result<std::vector<runtime::encoded_event>> ask(const command& what) {
    const auto key = runtime::members::key();
    const test::known_facts nothing;
    return type->handle(*held, contract::encode(what), {start, key, 0, {}, {}, 0, nothing});
  }
  state now() const {
    state seen;
    REQUIRE(contract::decode(type->encode(*held), seen));
    return seen;
  }
  /// One shard, drawn, is as it is to be. False if all are.
  bool settle_one(runtime::random_source& lots) {
    const auto seen = now();
    std::vector<std::uint16_t> open;
    for (std::uint16_t i = 0; i < seen.shards.size(); ++i)
      if (!seen.shards[i].settled) open.push_back(i);
    if (open.empty()) return false;
    const auto shard = open[lots.below(open.size())];
    REQUIRE(ask(settle{shard, seen.shards[shard].revision}).has_value());
    return true;
  }
  void come_to_rest(runtime::random_source& lots) {
    for (int steps = 0; settle_one(lots); ++steps) REQUIRE(steps < 10'000);
  }

  std::unique_ptr<runtime::aggregate_type> type = make_type();
  std::unique_ptr<runtime::entity_state> held = type->create();
};

std::map<std::uint64_t, std::size_t> votes(const state& of) {
  std::map<std::uint64_t, std::size_t> all;
  for (const auto& one : of.nodes) all[one.id] = 0;
  for (const auto& shard : of.shards)
    for (const auto one : shard.voters) ++all[one];
  return all;
}

std::map<std::uint64_t, std::size_t> leads(const state& of) {
  std::map<std::uint64_t, std::size_t> all;
  for (const auto& shard : of.shards) ++all[shard.voters.front()];
  return all;
}

std::set<std::uint64_t> standing_so(const state& of, standing how) {
  std::set<std::uint64_t> all;
  for (const auto& one : of.nodes)
    if (one.standing == how) all.insert(one.id);
  return all;
}

void check_sound(const state& of) {
  for (const auto& shard : of.shards) {
    const std::set<std::uint64_t> distinct(shard.voters.begin(), shard.voters.end());
    CHECK(distinct.size() == shard.voters.size());
    CHECK_FALSE(shard.voters.empty());
    for (const auto one : shard.voters) CHECK(find(of, one) != nullptr);
  }
}

}  // namespace

TEST_CASE("members: founded once, with the votes in a circle") {
  auto told = a_story();
  told.when(founding(3, 2, 3)).then({founded{7, 3, {who(1), who(2), who(3)}, {{{1, 2, 3}, 0, true}, {{2, 3, 1}, 0, true}}, start}});
  told.when(founding(5, 2, 3)).without_effect();
  a_story().when(join{who(4)}).rejected("not_founded");
}

TEST_CASE("members: a log that was restored tells of another cluster, which is no more") {
  cluster world(founding(4, 4, 3));
  auto anew = founding(2, 4, 3);
  anew.cluster = 8;
  anew.history = true;
  REQUIRE(world.ask(anew).has_value());
  CHECK(world.now().cluster == 8);
  CHECK(world.now().nodes.size() == 2);
  CHECK(unsettled(world.now()) == 4);
  CHECK(world.ask(anew)->empty());
}

TEST_CASE("members: whoever joins follows all shards first, then gets its share, a few shards at a time") {
  cluster world(founding(3, 12, 3));
  REQUIRE(world.ask(join{who(4)}).has_value());
  CHECK(world.now().balancing);
  CHECK(unsettled(world.now()) == 12);
  CHECK(votes(world.now())[4] == 0);
  runtime::random_source lots(3);
  bool moved = false;
  for (int i = 0; world.settle_one(lots); ++i) {
    moved = moved || votes(world.now())[4] > 0;
    // Until the last shards follow it, no vote moves.
    if (i < 8) CHECK_FALSE(moved);
    if (moved) CHECK(unsettled(world.now()) <= moves_at_once);
    REQUIRE(i < 200);
  }
  CHECK_FALSE(world.now().balancing);
  for (const auto& [node, count] : votes(world.now())) CHECK(count == 9);
  for (const auto& [node, count] : leads(world.now())) CHECK(count == 3);
}

TEST_CASE("members: names and ids stay with who had them") {
  cluster world(founding(3, 4, 3));
  auto impostor = who(9);
  impostor.name = "n2";
  CHECK(world.ask(join{impostor}).error().code == "name_taken");
  CHECK(world.ask(join{who(2)})->empty());
  CHECK(world.ask(drain{"n9"}).error().code == "unknown_node");
}

TEST_CASE("members: a node that is drained leads nothing, and votes only if the others are too few") {
  for (const bool spare : {false, true}) {
    CAPTURE(spare);
    runtime::random_source lots(4);
    cluster world(founding(spare ? 4 : 3, 8, 3));
    REQUIRE(world.ask(drain{"n1"}).has_value());
    world.come_to_rest(lots);
    CHECK(votes(world.now())[1] == (spare ? 0 : 8));
    CHECK(leads(world.now()).count(1) == 0);
    REQUIRE(world.ask(resume{"n1"}).has_value());
    world.come_to_rest(lots);
    CHECK(votes(world.now())[1] == (spare ? 6 : 8));
    CHECK(leads(world.now())[1] >= 2);
  }
}

TEST_CASE("members: the last active node can't be drained, and too few can't be left behind unasked") {
  cluster world(founding(3, 4, 3));
  runtime::random_source lots(5);
  CHECK(world.ask(members::remove{"n3", false}).error().code == "too_few_nodes");
  REQUIRE(world.ask(drain{"n1"}).has_value());
  REQUIRE(world.ask(drain{"n2"}).has_value());
  CHECK(world.ask(drain{"n3"}).error().code == "too_few_nodes");
  CHECK(world.ask(members::remove{"n3", true}).error().code == "too_few_nodes");
  REQUIRE(world.ask(resume{"n1"}).has_value());
  REQUIRE(world.ask(resume{"n2"}).has_value());
  REQUIRE(world.ask(members::remove{"n3", true}).has_value());
  CHECK(standing_so(world.now(), standing::leaving) == std::set<std::uint64_t>{3});
  world.come_to_rest(lots);
  CHECK(world.now().nodes.size() == 2);
  for (const auto& shard : world.now().shards) CHECK(shard.voters.size() == 2);
}

TEST_CASE("members: who was removed never comes back under the old id") {
  cluster world(founding(4, 4, 3));
  runtime::random_source lots(6);
  REQUIRE(world.ask(members::remove{"n2", false}).has_value());
  CHECK(world.ask(drain{"n2"}).error().code == "node_leaving");
  CHECK(world.ask(members::remove{"n2", false})->empty());
  world.come_to_rest(lots);
  CHECK(find(world.now(), std::uint64_t{2}) == nullptr);
  CHECK(world.ask(join{who(2)}).error().code == "node_removed");
  auto anew = who(22);
  anew.name = "n2";
  CHECK(world.ask(join{anew}).has_value());
}

TEST_CASE("members: a node is replaced by one of the same name, which takes all its votes") {
  cluster world(founding(3, 6, 3));
  runtime::random_source lots(7);
  auto anew = who(11);
  anew.name = "n1";
  CHECK(world.ask(replace{"n7", anew}).error().code == "unknown_node");
  auto other = who(12);
  other.name = "n3";
  CHECK(world.ask(replace{"n1", other}).error().code == "name_taken");
  REQUIRE(world.ask(replace{"n1", anew}).has_value());
  CHECK(find(world.now(), "n1")->id == 11);
  CHECK(world.ask(drain{"n1"}).has_value());  // the new one
  CHECK(world.ask(resume{"n1"}).has_value());
  world.come_to_rest(lots);
  CHECK(votes(world.now()) == std::map<std::uint64_t, std::size_t>{{2, 6}, {3, 6}, {11, 6}});
}

TEST_CASE("members: a lost node's votes go to others only if there are any, and it gets a share when it is heard again") {
  cluster small(founding(3, 6, 3));
  CHECK(small.ask(lose{1})->empty());
  cluster world(founding(4, 8, 3));
  runtime::random_source lots(8);
  REQUIRE(world.ask(lose{1}).has_value());
  CHECK(world.ask(lose{1})->empty());
  world.come_to_rest(lots);
  CHECK(votes(world.now())[1] == 0);
  REQUIRE(world.ask(regain{1, 2, "elsewhere:9100"}).has_value());
  world.come_to_rest(lots);
  CHECK(votes(world.now())[1] == 6);
  CHECK(find(world.now(), std::uint64_t{1})->address == "elsewhere:9100");
  CHECK(find(world.now(), std::uint64_t{1})->feature_level == 2);
  CHECK(feature_level(world.now()) == 1);
  CHECK(world.ask(regain{1, 2, "elsewhere:9100"})->empty());
}

TEST_CASE("members: an operator's wish for a leader stays") {
  cluster world(founding(4, 4, 3));
  CHECK(world.ask(prefer{9, "n1"}).error().code == "unknown_shard");
  CHECK(world.ask(prefer{0, "n4"}).error().code == "not_a_voter");
  REQUIRE(world.ask(prefer{0, "n2"}).has_value());
  CHECK(world.now().shards[0].voters == std::vector<std::uint64_t>{2, 1, 3});
  CHECK(world.ask(prefer{0, "n2"})->empty());
}

TEST_CASE("members: what is settled is settled for the wish that it was told of") {
  cluster world(founding(4, 4, 3));
  REQUIRE(world.ask(prefer{0, "n2"}).has_value());
  const auto late = world.now().shards[0].revision;
  REQUIRE(world.ask(prefer{0, "n3"}).has_value());
  CHECK(world.ask(settle{0, late})->empty());
  CHECK_FALSE(world.now().shards[0].settled);
  CHECK(world.ask(settle{0, late + 1})->size() == 1);
  CHECK(world.ask(settle{9, 0})->empty());
}

TEST_CASE("members: whatever operators do, and whatever fails, votes come to rest where they should be") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    runtime::random_source lots(seed);
    const auto nodes = static_cast<std::uint16_t>(1 + lots.below(6));
    const auto replicas = static_cast<std::uint16_t>(1 + 2 * lots.below(3));
    cluster world(founding(nodes, static_cast<std::uint16_t>(1 + lots.below(20)), replicas));
    std::uint64_t last_id = nodes;
    for (int step = 0; step < 60; ++step) {
      const auto before = world.now();
      const auto& some = before.nodes[lots.below(before.nodes.size())];
      switch (lots.below(9)) {
        case 0: (void)world.ask(join{who(++last_id)}); break;
        case 1: (void)world.ask(drain{some.name}); break;
        case 2: (void)world.ask(resume{some.name}); break;
        case 3: (void)world.ask(members::remove{some.name, lots.below(2) == 0}); break;
        case 4: (void)world.ask(replace{some.name, who(++last_id)}); break;
        case 5: (void)world.ask(lose{some.id}); break;
        case 6: (void)world.ask(regain{some.id, 1, some.address}); break;
        case 7: (void)world.ask(rebalance{}); break;
        default: world.settle_one(lots); break;
      }
      check_sound(world.now());
    }
    (void)world.ask(rebalance{});
    world.come_to_rest(lots);
    const auto end = world.now();
    check_sound(end);
    CHECK_FALSE(end.balancing);
    CHECK(standing_so(end, standing::leaving).empty());
    CHECK(standing_so(end, standing::parting).empty());
    const auto active = standing_so(end, standing::active);
    for (const auto& shard : end.shards) {
      CHECK(shard.voters.size() == runtime::voters_wanted(end));
      if (!active.empty()) CHECK(active.contains(shard.voters.front()));
    }
    if (active.size() < end.replicas) continue;
    auto shares = votes(end);
    for (const auto one : active)
      for (const auto other : active) CHECK(shares[one] <= shares[other] + 1);
    for (const auto& [node, count] : shares)
      if (!active.contains(node)) CHECK(count == 0);
  }
}

}  // namespace bv::runtime::members
