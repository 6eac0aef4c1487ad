// A shard of a node that is not alone: it serves while its node leads, and takes in what another commits while not.
#include <doctest/doctest.h>

#include "tests/actors/runtime/shard_world.hpp"

using namespace bv;
using namespace bv::test;

namespace {

const error deposed{error_kind::unavailable, "leadership_lost", "another node leads; ask again, with the same command id"};

/// What the disk has written since the shard stepped down reaches it as what another committed.
void take_in(shard_world& world) {
  const auto entries = world.store().log->read(storage::shard_id{0}, world.store().log->bounds(storage::shard_id{0}).last, 1);
  REQUIRE(entries.has_value());
  for (const auto& one : *entries)
    REQUIRE(world.shard().take_in(one.index, std::make_shared<const bytes>(one.data)).has_value());
}

}  // namespace

TEST_CASE("shard: who steps down answers everybody, and refuses until it serves again") {
  shard_world world;
  world.sum_of("a");
  const auto asked = world.send("a", counter::add{5}, "c1");
  const auto seen = world.look("a");
  const auto cold = world.send("b", counter::add{1});
  world.shard().step_down(deposed);
  CHECK(error_of(asked).code == "leadership_lost");
  CHECK(error_of(cold).code == "leadership_lost");
  REQUIRE(seen->has_value());
  CHECK((**seen).error().code == "leadership_lost");
  CHECK(error_of(world.send("a", counter::add{1})).code == "leadership_lost");
  CHECK((**world.look("a")).error().code == "leadership_lost");
  CHECK(world.measured.entities_live.value() == 0);
  CHECK(world.measured.in_flight.value() == -6);  // the router counts them up
}

TEST_CASE("shard: what is committed after it stepped down takes effect as if it had led") {
  shard_world leader, follower;
  for (auto* world : {&leader, &follower}) {
    world->sum_of("a");
    world->send("a", counter::add{5}, "c1");
  }
  follower.shard().step_down(deposed);
  leader.settle();
  follower.settle();
  CHECK(follower.committed_offsets.empty());
  take_in(follower);
  CHECK(follower.committed_offsets == leader.committed_offsets);
  CHECK(follower.committed_kinds.back().may_share(runtime::event_kinds::of(std::vector<runtime::event_interest>{{"counter", {0}}})));
  CHECK_FALSE(follower.committed_kinds.back().may_share(runtime::event_kinds::of(std::vector<runtime::event_interest>{{"cart"}})));
  REQUIRE(follower.shard().start().has_value());
  CHECK(follower.sum_of("a") == 5);
  const auto again = follower.send("a", counter::add{5}, "c1");
  follower.settle();
  CHECK(receipt_of(again).repeated);
  CHECK(receipt_of(again).version == 1);
}

TEST_CASE("shard: a wake-up that another node's batch registers rings when it serves again") {
  shard_world world;
  world.send("a", counter::remind_at{world.time.now() + std::chrono::seconds{10}});
  world.run_mail();
  while (world.recoveries_waiting() > 0) world.recover_one();
  world.shard().step_down(deposed);
  world.settle();
  take_in(world);
  world.advance(std::chrono::seconds{20});
  CHECK(world.measured.wake_ups.value() == 0);
  REQUIRE(world.shard().start().has_value());
  world.advance(std::chrono::seconds{1});
  CHECK(world.measured.wake_ups.value() == 1);
}

TEST_CASE("shard: what was read back for an earlier tenure is not believed") {
  shard_world world;
  world.send("a", counter::add{5});
  world.settle();
  world.flush();
  world.crash_and_restart();
  const auto asked = world.send("a", counter::add{1});
  REQUIRE(world.recoveries_waiting() == 1);
  world.shard().step_down(deposed);
  CHECK(error_of(asked).code == "leadership_lost");
  REQUIRE(world.shard().start().has_value());
  const auto seen = world.look("a");
  REQUIRE(world.recoveries_waiting() == 2);
  world.recover_one();
  CHECK_FALSE(seen->has_value());
  world.recover_one();
  CHECK(seen->has_value());
  CHECK(world.sum_of("a") == 5);
}
