// covers: sim/world/sim_node_sight.cpp
#include "sim/world/sim_node.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>

#include "tests/sim/world/disks.hpp"
#include "tests/sim/world/shop_in_world.hpp"

using namespace bv;
using namespace bv::sim;
using namespace bv::sim::testing;
using namespace std::chrono_literals;
namespace inventory = bv::commerce::inventory;

namespace {

plan in_tier(storage_tier tier, std::uint64_t seed = 1) {
  plan made;
  made.seed = seed;
  made.where.tier = tier;
  return made;
}

/// Each record of each shard's log exactly once, in the order of the log.
void check_handed_on_once(shop_in_world& here) {
  const auto disk = here.node().read_disk();
  REQUIRE(disk.has_value());
  std::map<std::uint16_t, std::uint64_t> next;
  for (const auto& one : here.committed) {
    CHECK(one.first_offset.value == next[one.shard.value] + 1);
    next[one.shard.value] += one.events.size();
  }
  CHECK(here.committed.size() == disk->size());
}

/// A command, and the node dies while it is being written.
void crash_in_a_write(shop_in_world& here, unsynced what) {
  here.on_write = [&](std::uint16_t, std::uint64_t) {
    here.on_write = {};
    here.node().crash(what);
  };
  here.tell("MUG-1", inventory::receive{.quantity = 5, .reference = {}}, "more mugs");
  here.pass(1s);
  REQUIRE_FALSE(here.node().up());
}

}  // namespace

TEST_CASE("node: it serves some time after it was started, and answers once what it did is on the disk") {
  for (const auto tier : tiers) {
    shop_in_world here(in_tier(tier));
    CHECK_FALSE(here.node().up());
    CHECK(here.node().name() == "n1");
    here.start();
    CHECK(here.node().up());
    CHECK_FALSE(here.node().serving());
    here.pass(1s);
    REQUIRE(here.node().serving());
    const auto asked = here.world.time().now();
    const auto said = here.fill("MUG-1", 10);
    REQUIRE(here.world.run_until(asked + 1s, [&] { return said->has_value(); }));
    REQUIRE(accepted(said));
    CHECK(here.world.time().now() - asked >= plan().journal_write.min);
    REQUIRE(here.committed.size() == 1);
    CHECK(here.committed.front().entity == here.shelf("MUG-1"));
    CHECK(here.committed.front().events.front().name == "initialised");
    CHECK(here.units("MUG-1") == 10);
    CHECK_FALSE(here.units("MUG-2").has_value());
  }
}

TEST_CASE("node: one that dies answers nobody any more") {
  shop_in_world here;
  here.serve();
  const auto said = here.fill("MUG-1", 10);
  CHECK(here.node().unanswered_for(0s).size() == 1);
  here.node().crash(unsynced::lost);
  CHECK_FALSE(here.node().up());
  CHECK_FALSE(here.node().serving());
  CHECK(here.node().unanswered_for(0s).empty());
  CHECK(here.node().idle());
  here.pass(1h);
  CHECK_FALSE(said->has_value());
  here.node().crash(unsynced::lost);
  CHECK_FALSE(here.node().up());
}

TEST_CASE("node: it comes back with all that was committed, and remembers what it answered") {
  for (const auto tier : tiers) {
    shop_in_world here(in_tier(tier));
    here.serve();
    for (int i = 0; i < 20; ++i) {
      const auto said = here.fill("SKU-" + std::to_string(i), static_cast<std::uint32_t>(i));
      here.pass(20ms);
      REQUIRE(accepted(said));
    }
    here.node().crash(unsynced::lost);
    here.serve();
    for (int i = 0; i < 20; ++i) CHECK(here.units("SKU-" + std::to_string(i)) == i);
    const auto again = here.fill("SKU-7", 7);
    here.pass(1s);
    REQUIRE(accepted(again));
    CHECK((**again)->repeated);
    check_handed_on_once(here);
  }
}

TEST_CASE("node: a write that a crash lost never happened") {
  for (const auto tier : tiers) {
    shop_in_world here(in_tier(tier));
    here.serve();
    here.fill("MUG-1", 10);
    here.pass(1s);
    crash_in_a_write(here, unsynced::lost);
    here.serve();
    CHECK(here.units("MUG-1") == 10);
    check_handed_on_once(here);
  }
}

TEST_CASE("node: a write that a crash let through did, though nobody was told, and is handed on once") {
  for (const auto tier : tiers) {
    shop_in_world here(in_tier(tier));
    here.serve();
    here.fill("MUG-1", 10);
    here.pass(1s);
    crash_in_a_write(here, unsynced::kept);
    CHECK(here.committed.size() == 2);
    here.serve();
    CHECK(here.units("MUG-1") == 15);
    CHECK(here.committed.size() == 2);
    const auto again = here.tell("MUG-1", inventory::receive{.quantity = 5, .reference = {}}, "more mugs");
    here.pass(1s);
    REQUIRE(accepted(again));
    CHECK((**again)->repeated);
    CHECK(here.units("MUG-1") == 15);
    check_handed_on_once(here);
  }
}

TEST_CASE("node: a torn write never happened, and the node goes on where the log ends") {
  for (const auto tier : tiers)
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      shop_in_world here(in_tier(tier, seed));
      here.serve();
      here.fill("MUG-1", 10);
      here.pass(1s);
      crash_in_a_write(here, unsynced::torn);
      here.serve();
      CHECK(here.units("MUG-1") == 10);
      here.tell("MUG-1", inventory::receive{.quantity = 5, .reference = {}}, "more mugs");
      here.pass(1s);
      CHECK(here.units("MUG-1") == 15);
      check_handed_on_once(here);
    }
}

TEST_CASE("node: whenever it dies, what it had answered is there when it comes back") {
  for (std::uint64_t steps = 0; steps < 120; steps += 3) {
    CAPTURE(steps);
    shop_in_world here(in_tier(storage_tier::memory, steps));
    here.serve();
    std::vector<shop_in_world::receipt> said;
    for (int i = 0; i < 8; ++i) said.push_back(here.fill("SKU-" + std::to_string(i), 3));
    const auto until = here.world.steps() + steps;
    here.world.run_until(here.world.time().now() + 1s, [&] { return here.world.steps() >= until; });
    here.node().crash(unsynced::drawn);
    const auto before = here.committed.size();
    here.serve();
    CHECK(here.committed.size() == before);
    for (int i = 0; i < 8; ++i) {
      CHECK_FALSE((said[static_cast<std::size_t>(i)]->has_value() && !accepted(said[static_cast<std::size_t>(i)])));
      if (accepted(said[static_cast<std::size_t>(i)])) CHECK(here.units("SKU-" + std::to_string(i)) == 3);
    }
    check_handed_on_once(here);
  }
}

TEST_CASE("node: one that stands still does nothing until its time is over, and then goes on") {
  shop_in_world here;
  here.serve();
  const auto asked = here.world.time().now();
  here.node().pause_until(asked + 5s);
  const auto said = here.fill("MUG-1", 10);
  CHECK(here.node().idle());
  here.pass(5s - 1ns);
  CHECK_FALSE(said->has_value());
  CHECK(here.node().unanswered_for(4s) == std::vector<std::string>{"fill MUG-1 to default/inventory/MUG-1"});
  CHECK(here.node().unanswered_for(5s).empty());
  here.pass(1s);
  CHECK(accepted(said));
}

TEST_CASE("node: one that stands still and dies comes back awake") {
  shop_in_world here;
  here.serve();
  here.node().pause_until(here.world.time().now() + 1h);
  here.node().crash(unsynced::lost);
  here.start();
  here.pass(1s);
  CHECK(here.node().serving());
}

TEST_CASE("node: it stops as in production: what it accepted it answers, and the next process finds it") {
  for (const auto tier : tiers) {
    shop_in_world here(in_tier(tier));
    here.serve();
    const auto said = here.fill("MUG-1", 10);
    bool stopped = false;
    here.node().stop([&] { stopped = true; });
    REQUIRE(here.world.run_until(here.world.time().now() + 1min, [&] { return stopped; }));
    CHECK(accepted(said));
    REQUIRE(here.node().close().has_value());
    CHECK_FALSE(here.node().up());
    here.pass(1min);
    here.serve();
    CHECK(here.units("MUG-1") == 10);
    check_handed_on_once(here);
  }
}

TEST_CASE("node: it may die while it stops, at whatever step, and then has not stopped") {
  for (std::uint64_t steps = 0; steps < 60; ++steps) {
    CAPTURE(steps);
    shop_in_world here;
    here.serve();
    const auto said = here.fill("MUG-1", 10);
    REQUIRE(here.world.run_until(here.world.time().now() + 1s, [&] { return here.node().disk().writing(); }));
    bool stopped = false;
    here.node().stop([&] { stopped = true; });
    const auto until = here.world.steps() + steps;
    here.world.run_until(here.world.time().now() + 1s, [&] { return here.world.steps() >= until; });
    const bool in_peace = stopped, answered = accepted(said);
    here.node().crash(unsynced::lost);
    here.pass(1min);
    CHECK(stopped == in_peace);
    CHECK(accepted(said) == answered);
    here.serve();
    const auto left = here.units("MUG-1");
    CHECK((!answered || left == 10));
    check_handed_on_once(here);
  }
}

TEST_CASE("node: it may die while it starts, at whatever step") {
  for (std::uint64_t steps = 0; steps < 60; ++steps) {
    shop_in_world here;
    here.serve();
    here.fill("MUG-1", 10);
    here.pass(1s);
    here.node().crash(unsynced::lost);
    here.start();
    const auto until = here.world.steps() + steps;
    here.world.run_until(here.world.time().now() + 1s, [&] { return here.world.steps() >= until; });
    here.node().crash(unsynced::lost);
    here.serve();
    CHECK(here.units("MUG-1") == 10);
    check_handed_on_once(here);
  }
}

TEST_CASE("node: after a failed write it serves no more until it is started again") {
  for (const auto tier : tiers) {
    shop_in_world here(in_tier(tier));
    here.serve();
    here.fill("MUG-1", 10);
    here.pass(1s);
    here.node().disk().fail_writes({error_kind::unavailable, "disk_full", "no room"});
    const auto said = here.fill("MUG-2", 5);
    here.pass(1s);
    REQUIRE(said->has_value());
    CHECK((*said)->error().code == "disk_full");
    CHECK(here.node().up());
    CHECK_FALSE(here.node().serving());
    here.node().crash(unsynced::lost);
    here.serve();
    CHECK(here.units("MUG-1") == 10);
    CHECK_FALSE(here.units("MUG-2").has_value());
    check_handed_on_once(here);
  }
}

TEST_CASE("node: it decides by its own clock, and what is committed is committed by the world's") {
  auto what = in_tier(storage_tier::memory);
  what.clocks = {{.ahead_by = 1h}};
  shop_in_world here(what);
  here.serve();
  here.fill("MUG-1", 10);
  here.pass(1s);
  REQUIRE(here.committed.size() == 1);
  CHECK(here.committed.front().decided_at > here.committed.front().committed_at + 59min);
  CHECK(here.committed.front().committed_at <= here.world.time().now());
}

TEST_CASE("node: it is at rest when it serves, owes no answer and writes nothing") {
  shop_in_world here;
  CHECK_FALSE(here.node().at_rest());
  here.serve();
  here.pass(1s);
  CHECK(here.node().at_rest());
  here.fill("MUG-1", 10);
  CHECK_FALSE(here.node().at_rest());
  REQUIRE(here.world.run_until(here.world.time().now() + 1s, [&] { return here.node().disk().writing(); }));
  CHECK_FALSE(here.node().at_rest());
  here.pass(1s);
  CHECK(here.node().at_rest());
}

TEST_CASE("node: its load says what it holds and what it may hold") {
  auto what = in_tier(storage_tier::memory);
  what.where.shards = 2;
  what.bounds.live_entities_per_shard_max = 50;
  what.bounds.in_flight_per_shard_max = 10;
  shop_in_world here(what);
  CHECK_FALSE(here.node().load().serving);
  here.serve();
  here.fill("MUG-1", 10);
  auto load = here.node().load();
  CHECK(load.in_flight == 1);
  CHECK(load.in_flight_max == 20);
  CHECK(load.entities_live_max == 100);
  CHECK(load.serving);
  here.pass(1s);
  load = here.node().load();
  CHECK(load.in_flight == 0);
  CHECK(load.entities_live == 1);
}

TEST_CASE("node: a journal in which a bit rots does not open, or is not recovered from") {
  for (const auto tier : tiers) {
    CAPTURE(tier == storage_tier::rocks);
    shop_in_world here(in_tier(tier));
    here.serve();
    for (const auto* sku : {"MUG-1", "MUG-2", "MUG-3", "MUG-4"}) {
      here.fill(sku, 10);
      here.pass(1s);
    }
    REQUIRE(here.node().disk().rot());
    here.node().crash(unsynced::lost);
    const auto started = here.node().start();
    here.pass(1min);
    CHECK_FALSE(here.node().serving());
    CHECK((!started || here.node().up()));
  }
}
