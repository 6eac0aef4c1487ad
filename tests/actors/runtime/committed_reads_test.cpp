#include "actors/runtime/committed_reads.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <vector>

#include "tests/actors/runtime/shard_world.hpp"

using namespace bv;
using namespace bv::test;
using std::chrono::seconds;

TEST_CASE("committed reads: a stale view shows what is committed, and waits for nothing that is not") {
  shard_world world;
  world.send("a", counter::add{5});
  world.settle();
  const auto from_memory = world.look("a", runtime::consistency::stale);
  REQUIRE(from_memory->has_value());
  CHECK((**from_memory)->version == 1);
  REQUIRE((**from_memory)->stale.has_value());
  CHECK((**from_memory)->stale->leader_known);

  world.send("a", counter::add{2});
  const auto from_disk = world.look("a", runtime::consistency::stale);
  world.work_in_background();
  REQUIRE(from_disk->has_value());
  CHECK((**from_disk)->version == 1);
  world.settle();
  CHECK((**world.look("a", runtime::consistency::stale))->version == 2);
}

TEST_CASE("committed reads: of stale views a few wait for the disk, the others for these, and none beyond its deadline") {
  shard_world world;
  world.send("a", counter::add{5});
  world.settle();
  world.send("a", counter::add{5});
  std::vector<shard_world::view_answer> asked;
  for (int i = 0; i < 20; ++i) asked.push_back(world.look("a", runtime::consistency::stale));
  CHECK(world.background_works_waiting() == 4);
  world.work_in_background();
  CHECK(world.background_works_waiting() == 4);
  world.time.advance(seconds{11});
  world.work_in_background();
  CHECK(world.background_works_waiting() == 0);
  int shown = 0;
  for (const auto& one : asked) {
    REQUIRE(one->has_value());
    if (!**one) CHECK((*one)->error().code == "deadline_passed");
    shown += (*one)->has_value() ? 1 : 0;
  }
  CHECK(shown == 8);
}

TEST_CASE("committed reads: a stop waits for them") {
  shard_world world;
  world.send("a", counter::add{5});
  world.settle();
  world.send("a", counter::add{5});
  const auto asked = world.look("a", runtime::consistency::stale);
  bool stopped = false;
  world.shard().stop([&] { stopped = true; });
  while (world.disk.commit() > 0) world.run_mail();
  CHECK_FALSE(stopped);
  world.work_in_background();
  CHECK(stopped);
  CHECK(asked->has_value());
  const auto late = world.look("a", runtime::consistency::stale);
  REQUIRE(late->has_value());
  CHECK((*late)->error().code == "stopping");
}
