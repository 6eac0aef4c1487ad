// Batches that rot on the disk of a node: it leaves the shard, and comes back when the others have mended its log.
// covers: actors/runtime/shard_replica_mend.cpp
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

void rot(seat& at, std::uint64_t index) {
  REQUIRE(at.disk.tamper(storage::shard_id{0}, storage::log_index{index}, [](bytes& data) { data.back() ^= 1; }));
}
bool noted(const seat& at, std::string_view what) {
  return std::ranges::any_of(at.noted, [&](const auto& one) { return one.find(what) != std::string::npos; });
}
/// All of a seat's log checks out, and is that of another.
bool same_log(seat& one, seat& other) {
  const auto read = [](seat& at) { return at.store.log->read(storage::shard_id{0}, storage::log_index{1}, std::size_t{1} << 30); };
  const auto ours = read(one), theirs = read(other);
  return ours && theirs &&
         std::ranges::equal(*ours, *theirs, [](const auto& a, const auto& b) { return a.index == b.index && a.data == b.data; });
}

}  // namespace

TEST_CASE("replica: a start that comes upon a rotten batch is over when the others have mended it") {
  member_world world(3, forgetful());
  world.settle();
  auto& leader = world.leader();
  auto& follower = world.other_than(leader);
  add(world, leader, 20);
  world.settle();
  follower.crash();
  rot(follower, 5);
  world.isolate(follower);
  follower.start();
  world.run_for(5s);
  CHECK(follower.replica().mending());
  CHECK(follower.standing.mending);
  CHECK_FALSE(follower.started.has_value());
  world.cuts.clear();
  REQUIRE(world.run_until([&] { return follower.started.has_value(); }));
  CHECK(follower.started->has_value());
  add(world, world.leader(), 5);
  world.settle();
  CHECK_FALSE(follower.standing.mending);
  CHECK(once_and_in_order(follower));
  CHECK(same_log(follower, world.leader()));
}

TEST_CASE("replica: rot that nobody needs is found by looking, and mended") {
  replication::group_options often;
  often.between_looks_ms = 4000;
  member_world world(3, often);
  world.settle();
  add(world, world.leader(), 20);
  world.settle();
  auto& follower = world.other_than(world.leader());
  rot(follower, 7);
  REQUIRE(world.run_until([&] { return noted(follower, "takes part again: 1 batches"); }, 10s));
  world.settle();
  CHECK(same_log(follower, world.leader()));
}

TEST_CASE("replica: a leader whose log rots lets another lead, and its clients are told to ask again") {
  member_world world;
  world.settle();
  auto& old = world.leader();
  add(world, old, 20);
  world.settle();
  rot(old, 3);
  old.replica().on_rot(storage::log_index{3}, {error_kind::internal, "journal_corrupt", "rotten"});
  CHECK_FALSE(old.serves());
  const auto asked = old.send("a", counter::add{1});
  REQUIRE(world.run_until([&] { return asked->has_value(); }));
  CHECK((*asked)->has_value());
  world.settle();
  CHECK(world.sum_of(old, "a") == 21);
  CHECK(same_log(old, world.leader()));
}

TEST_CASE("replica: two whose logs rot in different places mend each other, though none can lead meanwhile") {
  member_world world;
  world.settle();
  add(world, world.leader(), 20);
  world.settle();
  rot(world.at(1), 4);
  rot(world.at(2), 9);
  rot(world.at(2), 10);
  for (const std::uint64_t id : {1, 2})
    world.at(id).replica().on_rot(storage::log_index{id == 1 ? 4U : 9U}, {error_kind::internal, "journal_corrupt", "rotten"});
  CHECK(world.at(1).replica().mending());
  CHECK(world.at(2).replica().mending());
  world.isolate(world.at(3));
  REQUIRE(world.run_until([&] { return !world.at(1).replica().mending() && !world.at(2).replica().mending(); }));
  world.cuts.clear();
  world.settle();
  for (const std::uint64_t id : {1, 2}) CHECK(same_log(world.at(id), world.at(3)));
}

TEST_CASE("replica: who has a rotten log neither votes nor cuts it off while nobody can mend it") {
  member_world world;
  world.settle();
  auto& leader = world.leader();
  add(world, leader, 20);
  world.settle();
  auto& follower = world.other_than(leader);
  const auto last = follower.store.log->bounds(storage::shard_id{0}).last;
  rot(follower, last.value);
  leader.crash();
  const auto hard = *follower.store.log->read_hard_state(storage::shard_id{0});
  auto& third = world.other_than(follower);
  follower.replica().on_rot(last, {error_kind::internal, "journal_corrupt", "rotten"});
  third.crash();
  world.run_for(10s);
  CHECK(follower.replica().mending());
  CHECK(follower.store.log->bounds(storage::shard_id{0}).last == last);
  CHECK(*follower.store.log->read_hard_state(storage::shard_id{0}) == hard);
  // One that is up again may not know that the batch is committed.
  leader.start();
  third.start();
  world.settle();
  CHECK(same_log(follower, third));
}

TEST_CASE("replica: what is told of rot too late is nothing") {
  member_world world;
  world.settle();
  add(world, world.leader(), 5);
  auto& leader = world.leader();
  leader.replica().on_rot(storage::log_index{3}, {error_kind::internal, "journal_corrupt", "rotten"});
  CHECK(leader.serves());
}

TEST_CASE("replica: a node of an earlier version is not asked for batches, and one of this version is") {
  member_world world;
  world.settle();
  add(world, world.leader(), 5);
  world.settle();
  auto& follower = world.other_than(world.leader());
  const auto greet = [&](std::uint64_t id, std::uint32_t level) {
    follower.links().on_link_up(
        {.node = node_id{id}, .cluster = 1, .name = "n" + std::to_string(id), .address = {}, .feature_level = level});
  };
  for (const std::uint64_t id : {1, 2, 3}) greet(id, oldest_feature_level);
  rot(follower, 3);
  follower.replica().on_rot(storage::log_index{3}, {error_kind::internal, "journal_corrupt", "rotten"});
  world.run_for(5s);
  CHECK(follower.replica().mending());
  greet(world.leader().id.value, own_feature_level());
  world.run_for(2s);
  CHECK_FALSE(follower.replica().mending());
}

TEST_CASE("replica: what a node with a rotten log tells readers says that it hears of nothing new") {
  member_world world;
  world.settle();
  add(world, world.leader(), 5);
  world.settle();
  auto& follower = world.other_than(world.leader());
  CHECK(follower.replica().how_stale().leader_known);
  rot(follower, 3);
  world.isolate(follower);
  follower.replica().on_rot(storage::log_index{3}, {error_kind::internal, "journal_corrupt", "rotten"});
  CHECK_FALSE(follower.replica().how_stale().leader_known);
}

TEST_CASE("replica: a log that can't be read though all of its batches check out is not mended for ever") {
  member_world world;
  world.settle();
  add(world, world.leader(), 5);
  world.settle();
  auto& follower = world.other_than(world.leader());
  const error why{error_kind::internal, "journal_corrupt", "a file of keys"};
  follower.replica().on_rot({}, why);
  CHECK(follower.replica().mending());
  world.settle();
  follower.replica().on_rot({}, why);
  CHECK_FALSE(follower.replica().mending());
  CHECK(noted(follower, "takes no part any more"));
}
