// covers: actors/replication/*.cpp
#include "actors/replication/raft_group.hpp"

#include <doctest/doctest.h>

#include "tests/actors/replication/cluster.hpp"

namespace bv::replication {
namespace {

using namespace std::chrono_literals;

void sound(const cluster& world) {
  for (const auto& line : world.violations) MESSAGE(line);
  CHECK(world.violations.empty());
}

}  // namespace

TEST_CASE("group: three servers elect one leader within a second") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    cluster world({.seed = seed, .group = quick_group()});
    world.found(3);
    CHECK(world.await_leader(1s));
    world.run_for(1s);
    CHECK(world.leaders.size() == 1);
    sound(world);
  }
}

TEST_CASE("group: what the leader proposes is committed on all") {
  cluster world({.seed = 7, .group = quick_group()});
  world.found(3);
  REQUIRE(world.await_leader());
  for (int i = 0; i < 100; ++i) {
    REQUIRE(world.leader());
    CHECK(world.leader()->propose());
    world.run_for(1ms);
  }
  CHECK(world.await_agreement());
  CHECK(world.acknowledged == 100);
  CHECK(world.at(1).durable_last().value == 102);
  sound(world);
}

}  // namespace bv::replication
