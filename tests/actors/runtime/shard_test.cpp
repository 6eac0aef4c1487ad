// covers: actors/runtime/commit_pipeline.cpp
// covers: actors/runtime/live_entities.cpp
// covers: actors/runtime/shard_commit.cpp
// covers: actors/runtime/shard_log.cpp
// covers: actors/runtime/shard_time.cpp
#include <doctest/doctest.h>

#include "tests/actors/runtime/shard_world.hpp"

using namespace bv;
using namespace bv::test;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST_CASE("shard: an answer leaves when its events are durable and not before") {
  shard_world world;
  const auto answer = world.send("a", counter::add{5});
  CHECK_FALSE(answer->has_value());
  CHECK(world.disk.queued() == 1);
  world.settle();
  CHECK(receipt_of(answer).version == 1);
  CHECK(receipt_of(answer).events == std::vector<std::uint16_t>{0});
  CHECK(world.committed_offsets == std::vector<std::uint64_t>{1});
}

TEST_CASE("shard: an entity decides against its memory while earlier events are being written") {
  shard_world world;
  world.sum_of("a");
  const auto first = world.send("a", counter::add{5});
  const auto second = world.send("a", counter::add{-5});
  const auto third = world.send("a", counter::add{-1});
  CHECK_FALSE(first->has_value());
  world.settle();
  CHECK(receipt_of(second).version == 2);
  CHECK(error_of(third).code == "below_zero");
}

TEST_CASE("shard: a rejection waits for the events that it was judged by") {
  shard_world world;
  world.sum_of("a");
  world.send("a", counter::add{5});
  const auto rejected = world.send("a", counter::add{-6});
  CHECK_FALSE(rejected->has_value());
  world.settle();
  CHECK(error_of(rejected).code == "below_zero");
}

TEST_CASE("shard: a view waits for the events that it shows") {
  shard_world world;
  world.sum_of("a");
  world.send("a", counter::add{5});
  const auto seen = world.look("a");
  CHECK_FALSE(seen->has_value());
  world.settle();
  CHECK(world.sum_of("a") == 5);
  CHECK(seen->has_value());
}

TEST_CASE("shard: what comes while a batch is written goes into the next one together") {
  runtime::limits bounds;
  bounds.batches_in_flight_max = 1;
  shard_world world(bounds);
  world.sum_of("a");
  world.send("a", counter::add{1});
  for (int i = 0; i < 9; ++i) world.send("a", counter::add{1});
  CHECK(world.disk.queued() == 1);
  world.settle();
  CHECK(world.measured.batch_records.read().count == 2);
  CHECK(world.measured.batch_records.read().sum == 10);
  CHECK(world.sum_of("a") == 10);
}

TEST_CASE("shard: of two batches on their way each answers for itself") {
  shard_world world;
  world.sum_of("a");
  const auto first = world.send("a", counter::add{1});
  const auto second = world.send("a", counter::add{2});
  REQUIRE(world.disk.queued() == 2);
  world.disk.commit(1);
  world.run_mail();
  CHECK(first->has_value());
  CHECK_FALSE(second->has_value());
  world.crash_and_restart();
  CHECK(world.sum_of("a") == 1);
}

TEST_CASE("shard: followers of the log are told of every kind of event in a batch") {
  runtime::limits bounds;
  bounds.batches_in_flight_max = 1;
  shard_world world(bounds);
  world.send("a", counter::add{1});  // is being written
  world.send("a", counter::add{1});
  world.send("b", counter::remind_at{world.time.now() + hours{1}});
  world.settle();
  const std::vector<runtime::event_interest> additions{{"counter", {0}}}, reminders{{"counter", {1}}};
  REQUIRE(world.committed_kinds.size() == 2);
  CHECK_FALSE(world.committed_kinds[0].may_share(runtime::event_kinds::of(reminders)));
  CHECK(world.committed_kinds[1].may_share(runtime::event_kinds::of(additions)));
  CHECK(world.committed_kinds[1].may_share(runtime::event_kinds::of(reminders)));
}

TEST_CASE("shard: commands for an entity that is being recovered wait for it in order") {
  shard_world world;
  world.send("a", counter::add{1});
  world.settle();
  world.advance(minutes{11});  // passivated
  const auto first = world.send("a", counter::add{5});
  const auto second = world.send("a", counter::add{-5});
  CHECK(world.recoveries_waiting() == 1);
  world.settle();
  CHECK(receipt_of(first).version == 2);
  CHECK(receipt_of(second).version == 3);
}

TEST_CASE("shard: an entity that never was needs no recovery") {
  shard_world world;
  const auto first = world.send("a", counter::add{5});
  CHECK(world.recoveries_waiting() == 0);
  world.settle();
  CHECK(receipt_of(first).version == 1);
}

TEST_CASE("shard: an acknowledged command survives a crash, an unwritten one leaves no trace") {
  shard_world world;
  const auto kept = world.send("a", counter::add{5});
  world.settle();
  const auto lost = world.send("a", counter::add{7});
  world.crash_and_restart();
  CHECK(receipt_of(kept).version == 1);
  CHECK_FALSE(lost->has_value());
  CHECK(world.sum_of("a") == 5);
}

TEST_CASE("shard: a command id gets its first answer again and acts once") {
  shard_world world;
  const auto first = world.send("a", counter::add{5}, "id-1");
  world.settle();
  SUBCASE("while the entity lives") {}
  SUBCASE("after a restart") { world.crash_and_restart(); }
  SUBCASE("after passivation") { world.advance(minutes{11}); }
  const auto again = world.send("a", counter::add{5}, "id-1");
  world.settle();
  CHECK(receipt_of(again).version == receipt_of(first).version);
  CHECK(receipt_of(again).repeated);
  CHECK(world.sum_of("a") == 5);
}

TEST_CASE("shard: a rejection is remembered too, even if the command would be accepted now") {
  shard_world world;
  const auto first = world.send("a", counter::add{-5}, "id-1");
  world.settle();
  world.send("a", counter::add{100});
  world.settle();
  SUBCASE("while the entity lives") {}
  SUBCASE("after a restart") { world.crash_and_restart(); }
  const auto again = world.send("a", counter::add{-5}, "id-1");
  world.settle();
  CHECK(error_of(again).code == "below_zero");
  CHECK(world.sum_of("a") == 100);
}

TEST_CASE("shard: a retry of a command that is being written waits with it") {
  shard_world world;
  world.sum_of("a");
  world.send("a", counter::add{5}, "id-1");
  const auto again = world.send("a", counter::add{5}, "id-1");
  CHECK_FALSE(again->has_value());
  world.settle();
  CHECK(receipt_of(again).version == 1);
}

TEST_CASE("shard: one command id with two bodies is a conflict") {
  shard_world world;
  world.send("a", counter::add{5}, "id-1");
  world.settle();
  const auto other = world.send("a", counter::add{6}, "id-1");
  CHECK(error_of(other).code == "command_id_reused");
  CHECK(error_of(other).kind == error_kind::conflict);
}

TEST_CASE("shard: a command that was taken back before it came does not act") {
  shard_world world;
  const auto undo = world.send("a", counter::add{0}, "undo-1", {}, "id-1");
  world.settle();
  CHECK(receipt_of(undo).version == 1);
  SUBCASE("while the entity lives") {}
  SUBCASE("after a restart") { world.crash_and_restart(); }
  for (int i = 0; i < 2; ++i) {
    const auto late = world.send("a", counter::add{5}, "id-1");
    world.settle();
    CHECK(error_of(late).code == "command_voided");
  }
  CHECK(world.sum_of("a") == 0);
}

TEST_CASE("shard: what came before it was taken back keeps its answer") {
  shard_world world;
  world.send("a", counter::add{5}, "id-1");
  world.send("a", counter::add{-5}, "undo-1", {}, "id-1");
  const auto again = world.send("a", counter::add{5}, "id-1");
  world.settle();
  CHECK(receipt_of(again).version == 1);
  CHECK(world.sum_of("a") == 0);
}

TEST_CASE("shard: a command id is forgotten after the window, not before") {
  runtime::limits bounds;
  bounds.remember_for = hours{24};
  shard_world world(bounds);
  world.send("a", counter::add{5}, "id-1");
  world.settle();
  world.advance(hours{23});
  world.send("a", counter::add{1}, "id-2");
  world.settle();
  const auto inside = world.send("a", counter::add{5}, "id-1");
  world.settle();
  CHECK(receipt_of(inside).repeated);
  world.advance(hours{2});
  world.send("a", counter::add{1}, "id-3");
  world.settle();
  const auto outside = world.send("a", counter::add{5}, "id-1");
  world.settle();
  CHECK_FALSE(receipt_of(outside).repeated);
}

TEST_CASE("shard: the expected version must be the current one") {
  shard_world world;
  world.send("a", counter::add{5});
  world.settle();
  CHECK(error_of(world.send("a", counter::add{1}, {}, 7)).code == "version_mismatch");
  const auto right = world.send("a", counter::add{1}, {}, 1);
  world.settle();
  CHECK(receipt_of(right).version == 2);
}

TEST_CASE("shard: a command that breaks the contract is refused with the path") {
  shard_world world;
  world.sum_of("a");
  const auto refused = world.send("a", counter::add{1001}, "id-1");
  CHECK(error_of(refused).kind == error_kind::invalid);
  CHECK(error_of(refused).context == "add.amount");
}

TEST_CASE("shard: an idle entity leaves the memory and comes back") {
  shard_world world;
  world.send("a", counter::add{5});
  world.settle();
  CHECK(world.measured.entities_live.value() == 1);
  world.advance(minutes{11});
  CHECK(world.measured.entities_live.value() == 0);
  CHECK(world.sum_of("a") == 5);
}

TEST_CASE("shard: beyond the cap the longest unused entity goes first") {
  runtime::limits bounds;
  bounds.live_entities_per_shard_max = 2;
  shard_world world(bounds);
  for (const auto* id : {"a", "b"}) world.send(id, counter::add{1}), world.settle();
  world.sum_of("a");
  world.send("c", counter::add{1});
  world.settle();
  CHECK(world.measured.entities_live.value() == 2);
  const auto loaded = world.measured.entities_loaded.value();
  world.sum_of("a");
  CHECK(world.measured.entities_loaded.value() == loaded);
  world.sum_of("b");
  CHECK(world.measured.entities_loaded.value() == loaded + 1);
}

TEST_CASE("shard: a wake-up comes at its time") {
  // The second is beyond what a shard holds in memory.
  for (const duration due : {duration{seconds{5}}, duration{hours{24 * 30}}})
    for (const bool restarted : {false, true}) {
      CAPTURE(due.count());
      CAPTURE(restarted);
      shard_world world;
      const auto reminders = [&] {
        const auto seen = world.look("a");
        world.settle();
        counter::state state;
        REQUIRE(counter::contract::decode((**seen)->state, state).has_value());
        return state.reminders;
      };
      world.send("a", counter::remind_at{world.time.now() + due});
      world.settle();
      world.advance(due / 2);
      if (restarted) world.crash_and_restart();
      world.advance(due - due / 2 - seconds{1});
      CHECK(reminders() == 0);
      world.advance(seconds{2});
      CHECK(reminders() == 1);
      world.advance(hours{24 * 40});
      CHECK(reminders() == 1);
    }
}

TEST_CASE("shard: a wake-up that was due while the node was down comes after the start") {
  shard_world world;
  world.send("a", counter::remind_at{world.time.now() + hours{1}});
  world.settle();
  world.crash_and_restart();
  world.time.advance(hours{5});
  world.crash_and_restart();
  world.advance(seconds{1});
  CHECK(world.measured.wake_ups.value() == 1);
}

TEST_CASE("shard: a wish for later keeps the earlier registration and still comes in time") {
  shard_world world;
  world.send("a", counter::remind_at{world.time.now() + hours{1}});
  world.settle();
  world.send("a", counter::remind_at{world.time.now() + hours{3}});
  world.settle();
  world.advance(hours{2});
  CHECK(world.measured.wake_ups.value() == 0);
  SUBCASE("in one run") {}
  SUBCASE("after a restart") { world.crash_and_restart(); }
  world.advance(hours{1} + seconds{1});
  CHECK(world.measured.wake_ups.value() == 1);
}

TEST_CASE("shard: a wish that was put off by a moment comes in time too") {
  shard_world world;
  world.send("a", counter::remind_at{world.time.now() + hours{1}});
  world.settle();
  world.send("a", counter::remind_at{world.time.now() + hours{1} + seconds{5}});
  world.settle();
  world.advance(hours{1} + seconds{6});
  CHECK(world.measured.wake_ups.value() == 1);
}

TEST_CASE("shard: a wake-up waits until what is being written of its entity is written") {
  shard_world world;
  world.send("a", counter::remind_at{world.time.now() + seconds{5}});
  world.settle();
  world.advance(seconds{4});
  world.send("a", counter::add{1});
  world.advance_without_disk(seconds{2});
  CHECK(world.measured.wake_ups.value() == 0);
  world.settle();
  world.advance(seconds{1});
  CHECK(world.measured.wake_ups.value() == 1);
}

TEST_CASE("shard: a wish that is taken back for an earlier one comes at the earlier time") {
  shard_world world;
  world.send("a", counter::remind_at{world.time.now() + hours{3}});
  world.settle();
  world.send("a", counter::remind_at{world.time.now() + hours{1}});
  world.settle();
  world.advance(hours{1} + seconds{1});
  CHECK(world.measured.wake_ups.value() == 1);
}

TEST_CASE("shard: a failed disk is told to everyone who waits, and nothing is acknowledged after it") {
  shard_world world;
  const auto kept = world.send("a", counter::add{5});
  world.settle();
  const auto torn = world.send("a", counter::add{7});
  world.disk.fail({error_kind::unavailable, "disk_full", "no space left"});
  world.run_mail();
  CHECK(error_of(torn).code == "disk_full");
  CHECK(error_of(world.send("a", counter::add{7})).code == "disk_full");
  CHECK(world.sum_of("a") == 5);
  CHECK_FALSE(world.noted.empty());
}

TEST_CASE("shard: a write that takes too long is answered with a timeout, and its retry with the outcome") {
  shard_world world;
  world.sum_of("a");
  const auto slow = world.send("a", counter::add{5}, "id-1");
  world.advance_without_disk(seconds{11});
  CHECK(error_of(slow).kind == error_kind::timeout);
  world.settle();
  const auto again = world.send("a", counter::add{5}, "id-1");
  world.settle();
  CHECK(receipt_of(again).version == 1);
}

TEST_CASE("shard: a stop answers what was accepted and refuses what comes after") {
  shard_world world;
  const auto before = world.send("a", counter::add{5});
  bool stopped = false;
  world.shard().stop([&] { stopped = true; });
  const auto after = world.send("a", counter::add{5});
  CHECK(error_of(after).code == "stopping");
  CHECK_FALSE(stopped);
  world.settle();
  CHECK(receipt_of(before).version == 1);
  CHECK(stopped);
}
