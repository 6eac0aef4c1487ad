#include "sim/world/world.hpp"

#include <doctest/doctest.h>

#include <chrono>

#include "tests/sim/world/shop_in_world.hpp"

using namespace bv;
using namespace bv::sim;
using namespace bv::sim::testing;
using namespace std::chrono_literals;

namespace {

plan of(std::uint16_t nodes, std::uint64_t seed = 1) {
  plan made;
  made.seed = seed;
  made.where.nodes = nodes;
  return made;
}

/// What happens while two nodes start and some shelves are filled.
std::string hash_of(std::uint64_t seed) {
  shop_in_world here(of(2, seed));
  here.serve(0);
  here.serve(1);
  for (int i = 0; i < 10; ++i) here.fill("SKU-" + std::to_string(i), 1, static_cast<std::size_t>(i % 2));
  here.pass(1s);
  CHECK(here.committed.size() == 10);
  return here.log.hash();
}

}  // namespace

TEST_CASE("world: without anything to do time passes at once, to where it was told") {
  shop_in_world here(of(1));
  const auto beginning = here.world.time().now();
  CHECK(to_rfc3339(beginning) == "2030-01-01T00:00:00Z");
  CHECK_FALSE(here.world.step(beginning + 24h));
  CHECK(here.world.time().now() == beginning + 24h);
  CHECK(here.world.steps() == 0);
}

TEST_CASE("world: one step is one event or one turn, and none goes beyond the limit") {
  shop_in_world here(of(1));
  const auto beginning = here.world.time().now();
  int happened = 0;
  for (int i = 1; i <= 3; ++i) here.world.time().after(1s * i, [&] { ++happened; });
  CHECK(here.world.step(beginning + 2s));  // time passes
  CHECK(happened == 0);
  CHECK(here.world.time().now() == beginning + 1s);
  CHECK(here.world.step(beginning + 2s));
  CHECK(happened == 1);
  here.world.run_until(beginning + 2s);
  CHECK(happened == 2);
  CHECK(here.world.time().now() == beginning + 2s);
  CHECK(here.world.steps() == 2);
  CHECK(here.world.run_until(beginning + 1h, [&] { return happened == 3; }));
  CHECK(here.world.time().now() == beginning + 3s);
  CHECK_FALSE(here.world.run_until(beginning + 1h, [&] { return happened == 4; }));
  CHECK(here.world.time().now() == beginning + 1h);
}

TEST_CASE("world: actors take their turns before time passes") {
  shop_in_world here(of(1));
  here.start();
  const auto beginning = here.world.time().now();
  while (!here.node().idle()) {
    REQUIRE(here.world.step(beginning + 1h));
    CHECK(here.world.time().now() == beginning);
  }
  CHECK(here.world.turns() > 0);
  CHECK(here.world.turns() == here.world.steps());
}

TEST_CASE("world: what happens in it depends on the seed alone") {
  const auto first = hash_of(1);
  CHECK(first == hash_of(1));
  CHECK(first != hash_of(2));
}

TEST_CASE("world: its nodes are nodes of their own") {
  for (const auto tier : {storage_tier::memory, storage_tier::rocks}) {
    auto what = of(2);
    what.where.tier = tier;
    shop_in_world here(what);
    CHECK(here.node(0).name() == "n1");
    CHECK(here.node(1).name() == "n2");
    here.serve(0);
    here.serve(1);
    here.fill("MUG-1", 10, 0);
    here.fill("MUG-1", 20, 1);
    here.fill("MUG-2", 5, 1);
    here.pass(1s);
    CHECK(here.units("MUG-1", 0) == 10);
    CHECK(here.units("MUG-1", 1) == 20);
    CHECK_FALSE(here.units("MUG-2", 0).has_value());
    here.node(0).crash(unsynced::lost);
    CHECK(here.node(1).serving());
    const auto said = here.fill("MUG-3", 1, 1);
    here.pass(1s);
    CHECK(accepted(said));
    here.serve(0);
    CHECK(here.units("MUG-1", 0) == 10);
  }
}

TEST_CASE("world: what a node commits and writes says whose it is") {
  shop_in_world here(of(2));
  std::vector<std::pair<std::uint16_t, std::uint64_t>> writes;
  here.on_write = [&](std::uint16_t node, std::uint64_t number) { writes.emplace_back(node, number); };
  here.serve(0);
  here.serve(1);
  here.fill("MUG-1", 10, 1);
  here.pass(1s);
  REQUIRE(here.committed.size() == 1);
  CHECK(here.committed.front().node == 1);
  CHECK(writes == std::vector<std::pair<std::uint16_t, std::uint64_t>>{{1, 1}});
}
