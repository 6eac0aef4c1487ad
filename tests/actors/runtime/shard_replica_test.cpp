#include "actors/runtime/shard_replica.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <numeric>

#include "tests/actors/runtime/member_world.hpp"

using namespace bv;
using namespace bv::runtime;
using namespace bv::test;
using namespace std::chrono_literals;

namespace {

/// Keeps so little in memory that a follower must read its journal.
replication::group_options forgetful() {
  replication::group_options made;
  made.consensus.retained_entries = 2;
  return made;
}

bool once_and_in_order(const seat& of) {
  std::vector<std::uint64_t> expected(of.took_effect.size());
  std::iota(expected.begin(), expected.end(), of.took_effect.empty() ? 0 : of.took_effect.front());
  return of.took_effect == expected;
}

void add(member_world& world, seat& at, int count) {
  for (int i = 0; i < count; ++i) {
    const auto asked = at.send("a", counter::add{1});
    REQUIRE(world.run_until([&] { return asked->has_value(); }));
    REQUIRE((*asked)->has_value());
  }
}

std::string code_of(const shard_world::answer& asked) { return error_of(asked).code; }

}  // namespace

TEST_CASE("replica: what the leader commits takes effect at every node once, in order") {
  member_world world;
  world.settle();
  add(world, world.leader(), 30);
  world.settle();
  for (const auto& one : world.seats) {
    CHECK(once_and_in_order(*one));
    CHECK(one->took_effect == world.seats.front()->took_effect);
    CHECK(one->background_works <= 2);  // the founding entry, which nobody sent, and a look for rot
  }
  CHECK(world.seats.front()->took_effect.size() >= 30);
}

TEST_CASE("replica: what the group has forgotten is taken in from the journal, once and in order") {
  member_world world(3, forgetful());
  world.settle();
  auto& leader = world.leader();
  auto& follower = world.other_than(leader);
  add(world, leader, 100);
  world.settle();
  follower.crash();
  add(world, leader, 20);
  follower.start();
  world.settle();
  CHECK(follower.background_works > 0);
  CHECK(once_and_in_order(follower));
  CHECK(follower.took_effect.front() == 1);  // nothing of what it had derived was durable
  CHECK(follower.took_effect.back() == leader.replica().committed().value);
}

TEST_CASE("replica: what took effect durably does not take effect again after a restart") {
  member_world world;
  world.settle();
  auto& follower = world.other_than(world.leader());
  add(world, world.leader(), 10);
  world.settle();
  REQUIRE(follower.store.derived->flush());
  const auto through = follower.took_effect.back();
  follower.crash();
  add(world, world.leader(), 5);
  follower.start();
  world.settle();
  CHECK(once_and_in_order(follower));
  CHECK(follower.took_effect.front() == through + 1);
}

TEST_CASE("replica: a start is over when all that was known to be committed has taken effect") {
  member_world world(1);
  world.settle();
  auto& only = world.at(1);
  add(world, only, 200);
  only.crash();
  only.start();
  CHECK_FALSE(only.started.has_value());
  REQUIRE(world.run_until([&] { return only.started.has_value(); }));
  CHECK(only.started->has_value());
  CHECK(only.took_effect.size() >= 200);
}

TEST_CASE("replica: it serves only when all that came before has taken effect, so nothing is recovered too old") {
  member_world world(1);
  world.settle();
  auto& only = world.at(1);
  add(world, only, 200);
  only.crash();
  only.background_takes = 500ms;
  only.start();
  // Alone it leads at once, long before it has read its log.
  REQUIRE(world.run_until([&] { return only.replica().group().status().raft.serving; }));
  CHECK_FALSE(only.serves());
  REQUIRE(world.run_until([&] { return only.serves(); }));
  CHECK(only.took_effect.back() + 1 == only.replica().group().next_index().value);
  CHECK(world.sum_of(only, "a") == 200);
}

TEST_CASE("replica: another leader goes on with what is committed, and the deposed one takes it in") {
  member_world world;
  world.settle();
  auto& old = world.leader();
  add(world, old, 5);
  world.isolate(old);
  const auto lost = old.send("a", counter::add{100});
  REQUIRE(world.run_until([&] { return std::ranges::any_of(world.seats, [&](const auto& one) { return one->serves() && one->id != old.id; }); }));
  auto& now = **std::ranges::find_if(world.seats, [&](const auto& one) { return one->serves() && one->id != old.id; });
  CHECK(world.sum_of(now, "a") == 5);
  add(world, now, 5);
  world.cuts.clear();
  world.settle();
  CHECK(code_of(lost) == "leadership_lost");
  CHECK(error_of(lost).kind == error_kind::timeout);
  CHECK(once_and_in_order(old));
  CHECK(old.took_effect == now.took_effect);
  CHECK(old.led == std::vector<bool>{true, false});
  CHECK(world.sum_of(old, "a") == 10);
}

TEST_CASE("replica: who leads tells the others of snapshots, and they keep them with what is derived") {
  member_world world;
  world.settle();
  auto& leader = world.leader();
  add(world, leader, 12);  // one is due after ten events
  world.settle();
  for (const auto& one : world.seats) {
    REQUIRE(one->store.derived->flush());
    const auto known = one->store.derived->find(storage::shard_id{0}, counter_key("a"));
    REQUIRE(known);
    REQUIRE(known->has_value());
    REQUIRE((*known)->newest_snapshot.has_value());
    CHECK((*known)->newest_snapshot->version == 10);
    CHECK((*known)->version == 12);
  }
}

TEST_CASE("replica: a leader that is cut off answers no view, though it still serves") {
  member_world world;
  world.settle();
  auto& old = world.leader();
  add(world, old, 1);
  world.isolate(old);
  const auto seen = old.look("a");
  REQUIRE(world.run_until([&] { return std::ranges::any_of(world.seats, [&](const auto& one) { return one->serves() && one->id != old.id; }); }));
  CHECK_FALSE((seen->has_value() && (*seen)->has_value()));
}

TEST_CASE("replica: a leader that is cut off refuses nothing, as the newest state may allow it") {
  member_world world;
  world.settle();
  auto& old = world.leader();
  add(world, old, 1);
  world.isolate(old);
  const auto asked = old.send("a", counter::add{-2});  // there is 1
  world.run_for(100ms);
  CHECK_FALSE(asked->has_value());
}

TEST_CASE("replica: when a proposal is refused it steps down, answers who waits, and serves again") {
  replication::group_options few;
  few.uncommitted_max = 1;
  member_world world(3, few);
  world.settle();
  auto& leader = world.leader();
  add(world, leader, 3);
  for (const auto& one : world.seats) one->stick_disk(true);
  std::vector<shard_world::answer> asked;
  for (int i = 0; i < 2; ++i) {
    asked.push_back(leader.send("a", counter::add{10}));
    world.run_for(2ms);
  }
  CHECK_FALSE(leader.serves());
  for (const auto& one : asked) CHECK(code_of(one) == "leadership_lost");
  for (const auto& one : world.seats) one->stick_disk(false);
  world.settle();
  // What was refused is not there; what was proposed before it is.
  CHECK(world.sum_of(world.leader(), "a") == 13);
  for (const auto& one : world.seats) CHECK(once_and_in_order(*one));
}

TEST_CASE("replica: what is decided after a proposal was refused does not take its place in the log") {
  replication::group_options few;
  few.uncommitted_max = 1;
  runtime::limits a_batch_each;
  a_batch_each.batch_size_bytes_max = 1;
  member_world world(3, few, a_batch_each);
  world.settle();
  auto& leader = world.leader();
  add(world, leader, 3);
  std::vector<shard_world::answer> asked;
  for (int i = 0; i < 4; ++i) asked.push_back(leader.send("a", counter::add{10}));
  REQUIRE(world.run_until([&] { return std::ranges::all_of(asked, [](const auto& one) { return one->has_value(); }); }, 5s));
  for (const auto& one : asked) CHECK(code_of(one) == "leadership_lost");
  world.settle();
  CHECK(world.sum_of(world.leader(), "a") == 13);
  for (const auto& one : world.seats) CHECK(once_and_in_order(*one));
}

TEST_CASE("replica: it hands over when what is under way is committed, and nobody is left without an answer") {
  member_world world;
  world.settle();
  auto& old = world.leader();
  auto& heir = world.other_than(old);
  add(world, old, 1);
  const auto asked = old.send("a", counter::add{1});
  world.run_for(0ms);
  old.replica().hand_over(heir.id);
  CHECK(old.replica().handing_over());
  CHECK_FALSE(old.serves());
  REQUIRE(world.run_until([&] { return heir.serves(); }, 1s));
  CHECK(receipt_of(asked).version == 2);
  world.settle();
  CHECK_FALSE(old.replica().handing_over());
  CHECK(old.replica().leader() == heir.id);
  CHECK(world.sum_of(old, "a") == 2);
}

TEST_CASE("replica: what can't be committed does not keep it from handing over") {
  member_world world;
  world.settle();
  auto& old = world.leader();
  auto& heir = world.other_than(old);
  for (const auto& one : world.seats)
    if (one->id != old.id) one->stick_disk(true);
  const auto asked = old.send("a", counter::add{1});
  world.run_for(10ms);
  old.replica().hand_over(heir.id);
  world.run_for(900ms);
  CHECK_FALSE(asked->has_value());
  world.run_for(200ms);
  CHECK(code_of(asked) == "leadership_lost");
  for (const auto& one : world.seats) one->stick_disk(false);
  world.settle();
}

TEST_CASE("replica: if the heir does not take over, it serves again") {
  member_world world;
  world.settle();
  auto& old = world.leader();
  auto& heir = world.other_than(old);
  add(world, old, 1);
  heir.crash();
  old.replica().hand_over(heir.id);
  CHECK_FALSE(old.serves());
  REQUIRE(world.run_until([&] { return old.serves(); }, 5s));
  CHECK(std::ranges::any_of(old.noted, [](const auto& one) { return one.find("does not take over") != std::string::npos; }));
  CHECK(world.sum_of(old, "a") == 1);
}

TEST_CASE("replica: the heir is a voter that is linked, the furthest of them") {
  member_world world(5);
  world.settle();
  auto& leader = world.leader();
  auto& behind = world.other_than(leader);
  world.cut(leader, behind);
  add(world, leader, 5);
  auto heir = leader.replica().heir();
  CHECK(heir.value > 0);
  CHECK(heir != behind.id);
  CHECK(behind.replica().heir().value == 0);
  for (const auto& one : world.seats)
    if (one->id != leader.id && one->id != behind.id) world.link(leader, *one, false);
  CHECK(leader.replica().heir() == behind.id);
  world.link(leader, behind, false);
  CHECK(leader.replica().heir().value == 0);
}

TEST_CASE("replica: it hands over to whom it should when that one is level, and not before") {
  member_world world;
  world.settle();
  auto& old = world.leader();
  auto& preferred = world.other_than(old);
  old.replica().prefer(preferred.id);
  world.link(old, preferred, false);
  world.run_for(5s);
  CHECK(old.serves());
  world.link(old, preferred, true);
  REQUIRE(world.run_until([&] { return preferred.serves(); }, 3s));
  world.run_for(5s);
  CHECK(preferred.serves());
}

TEST_CASE("replica: a disk that fails takes it out, and what was under way is not said to be undone") {
  member_world world;
  world.settle();
  auto& old = world.leader();
  const auto asked = old.send("a", counter::add{7});
  old.stick_disk(true);
  world.run_for(20ms);
  old.disk.fail({error_kind::unavailable, "disk_failed", "broken"});
  REQUIRE(world.run_until([&] { return !old.serves(); }, 10ms));
  REQUIRE(world.run_until([&] { return std::ranges::any_of(world.seats, [](const auto& one) { return one->serves(); }); }));
  // The others had it on their disks: it is committed.
  CHECK(world.sum_of(world.leader(), "a") == 7);
  CHECK(error_of(asked).kind == error_kind::timeout);
  CHECK(std::ranges::any_of(old.noted, [](const auto& one) { return one.find("takes no part any more") != std::string::npos; }));
}
