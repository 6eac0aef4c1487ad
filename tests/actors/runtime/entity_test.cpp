#include "actors/runtime/entity.hpp"

#include <doctest/doctest.h>

#include "tests/actors/runtime/shard_world.hpp"

using namespace bv;
using namespace bv::test;
using std::chrono::hours;
using std::chrono::minutes;

TEST_CASE("entity: it comes back from snapshot and tail as it was") {
  // The counter takes a snapshot every 10 events; 1 to 25 cover none, one, and the events in between. A crash loses the
  // snapshots that are not flushed, and the log alone has to do.
  for (int events = 1; events <= 25; ++events)
    for (int flushed_after = 0; flushed_after <= events; flushed_after += 3) {
      CAPTURE(events);
      CAPTURE(flushed_after);
      shard_world world;
      for (int i = 0; i < events; ++i) {
        world.send("a", counter::add{i}, "id-" + std::to_string(i));
        world.send("b", counter::add{1});
        world.send("a", counter::touch{}, "touch-" + std::to_string(i));
        if (i % 3 == 0) world.settle();
        if (i + 1 == flushed_after) {
          world.settle();
          world.flush();
        }
      }
      world.settle();
      CHECK((world.measured.snapshots_taken.value() > 0) == (events >= 10));
      world.crash_and_restart();
      CHECK(world.sum_of("a") == events * (events - 1) / 2);
      for (int i = 0; i < events; ++i) {
        const auto again = world.send("a", counter::add{i}, "id-" + std::to_string(i));
        const auto touched = world.send("a", counter::touch{}, "touch-" + std::to_string(i));
        world.settle();
        CHECK(receipt_of(again).repeated);
        CHECK(receipt_of(again).version == static_cast<std::uint64_t>(i + 1));
        CHECK(receipt_of(touched).repeated);
      }
      const auto next = world.send("a", counter::add{1});
      world.settle();
      CHECK(receipt_of(next).version == static_cast<std::uint64_t>(events + 1));
    }
}

TEST_CASE("entity: one that leaves the memory is snapshotted if it would take long to read") {
  runtime::limits bounds;
  bounds.events_before_passivation_snapshot = 4;
  for (const int events : {3, 4, 9}) {
    CAPTURE(events);
    shard_world world(bounds);
    world.send("a", counter::remind_at{world.time.now() + hours{1}});
    for (int i = 0; i < events; ++i) world.send("a", counter::add{1}, "id-" + std::to_string(i));
    world.settle();
    world.advance(minutes{11});
    CHECK(world.measured.entities_live.value() == 0);
    CHECK(world.measured.snapshots_taken.value() == 1);  // the reminder is an event too
    for (const bool restarted : {false, true}) {
      CAPTURE(restarted);
      if (restarted) {
        world.flush();
        world.crash_and_restart();
      }
      CHECK(world.sum_of("a") == events);
      const auto again = world.send("a", counter::add{1}, "id-0");
      world.settle();
      CHECK(receipt_of(again).repeated);
      world.advance(minutes{11});
      CHECK(world.measured.entities_live.value() == 0);
    }
    world.advance(hours{1});
    const auto seen = world.look("a");
    world.settle();
    counter::state state;
    REQUIRE(counter::contract::decode((**seen)->state, state).has_value());
    CHECK(state.reminders == 1);
  }
}

TEST_CASE("entity: one whose history can't be read is told to all who asked for it, others go on") {
  shard_world world;
  world.send("a", counter::add{5});
  world.settle();
  world.send("b", counter::add{7});
  world.settle();
  world.crash_and_restart();
  REQUIRE(world.disk.tamper(storage::shard_id{0}, storage::log_index{1}, [](bytes& data) { data.back() ^= 1; }));
  const auto command = world.send("a", counter::add{1});
  const auto view = world.look("a");
  world.settle();
  CHECK(error_of(command).code == "journal_corrupt");
  REQUIRE(view->has_value());
  CHECK((*view)->error().code == "journal_corrupt");
  CHECK(world.noted.size() == 1);
  CHECK(world.sum_of("b") == 7);
}
