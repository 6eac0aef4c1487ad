// covers: actors/replication/raft_group_settle.cpp actors/replication/raft_group_world.cpp actors/replication/libraft_lost_leader.cpp
#include "actors/replication/raft_group.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/actors/replication/cluster.hpp"

namespace bv::replication {
namespace {

using namespace std::chrono_literals;

using storage::log_index;

}  // namespace

TEST_CASE("group: three servers elect one leader within a second") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    CAPTURE(seed);
    cluster world({.seed = seed, .group = quick_group()});
    world.found(3);
    CHECK(world.await_leader(1s));
    world.run_for(1s);
    CHECK(world.leaders.size() == 1);
    sound(world);
  }
}

TEST_CASE("group: another leads within a second of the leader's end") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    CAPTURE(seed);
    cluster world({.seed = seed, .group = quick_group()});
    world.found(3);
    REQUIRE(world.await_leader());
    world.leader()->crash();
    CHECK(world.await_leader(1500ms));
    sound(world);
  }
}

TEST_CASE("group: a leader whose links are lost is followed by another before the election timeout") {
  // The first in line is there, and if it can't lead, because it has less than another, the second is.
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    CAPTURE(seed);
    auto options = quick_group();
    options.consensus.election_timeout_ms = 1000;
    cluster world({.seed = seed, .group = options});
    world.found(seed % 2 == 0 ? 3 : 5);
    REQUIRE(world.await_leader());
    const auto term = world.leader()->group->term();
    write(world, 30);
    const auto lost = world.leader()->id;
    world.leader()->crash();
    world.tell_link(lost, false);
    CHECK(world.await_leader(400ms));
    // Nobody got in the other's way.
    CHECK(world.leader()->group->term().value <= term.value + 2);
    sound(world);
  }
}

TEST_CASE("group: a leader that is heard is not given up, however often its links are said to be lost") {
  cluster world({.seed = 3, .group = quick_group()});
  world.found(3);
  REQUIRE(world.await_leader());
  const auto leader = world.leader()->id;
  const auto term = world.leader()->group->term();
  for (int i = 0; i < 100; ++i) {
    world.tell_link(leader, false);
    if (i % 3 == 0) world.tell_link(leader, true);
    world.run_for(70ms);
  }
  CHECK(world.leader()->id == leader);
  CHECK(world.leader()->group->term() == term);
  sound(world);
}

TEST_CASE("group: whoever alone has lost the leader is not voted for") {
  cluster world({.seed = 5, .group = quick_group()});
  world.found(3);
  REQUIRE(world.await_leader());
  auto& leader = *world.leader();
  auto& lone = follower_of(world);
  const auto term = leader.group->term();
  world.cut(leader.id, lone.id);
  lone.post([&] { lone.group->on_link(leader.id, false); });
  world.run_for(3s);
  CHECK(world.leader() == &leader);
  CHECK(leader.group->term() == term);
  sound(world);
}

TEST_CASE("group: what the leader proposes is committed on all, however far its disk is ahead of the answers") {
  cluster world({.seed = 7, .group = quick_group(), .links = {.delay = {5ms, 5ms}}, .disk_most = 200us});
  world.found(3);
  REQUIRE(world.await_leader());
  write(world, 300);
  // Still being written to: commits keep up with the network, not with a pause.
  CHECK(world.newest_committed().value > 250);
  CHECK(world.await_agreement());
  CHECK(world.acknowledged == 300);
  CHECK(world.at(1).durable_last().value == 302);
  sound(world);
}

TEST_CASE("group: a server that is cut off does not raise the term, nor disturb when it is back") {
  cluster world({.seed = 3, .group = quick_group()});
  world.found(3);
  REQUIRE(world.await_leader());
  auto& lone = follower_of(world);
  const auto term = world.leader()->group->term();
  world.isolate(lone.id);
  world.run_for(5s);
  CHECK(lone.group->term() == term);
  world.net.heal();
  write(world, 50);
  CHECK(world.await_agreement());
  CHECK(world.leader()->group->term() == term);
  sound(world);
}

TEST_CASE("group: what a cut-off leader wrote is truncated, and was never acknowledged") {
  cluster world({.seed = 5, .group = quick_group()});
  world.found(3);
  REQUIRE(world.await_leader());
  write(world, 10);
  REQUIRE(world.await_agreement());
  auto& old = *world.leader();
  world.isolate(old.id);
  for (int i = 0; i < 20; ++i) CHECK(old.propose());
  const auto acknowledged = world.acknowledged;
  REQUIRE(world.run_until([&] { return world.leader() != &old && world.leader(); }, 3s));
  CHECK(world.acknowledged == acknowledged);
  CHECK_FALSE(old.leads());
  CHECK(old.propose().error().code == "not_leader");
  write(world, 10);
  world.net.heal();
  CHECK(world.await_agreement());
  CHECK(old.truncations > 0);
  CHECK(world.acknowledged == acknowledged + 10);
  sound(world);
}

TEST_CASE("group: proposals beyond the bound are refused") {
  auto options = quick_group();
  options.uncommitted_max = 8;
  cluster world({.seed = 5, .group = options});
  world.found(3);
  REQUIRE(world.await_leader());
  world.isolate(world.leader()->id);
  for (int i = 0; i < 8; ++i) CHECK(world.leader()->propose());
  CHECK(world.leader()->propose().error().code == "overloaded");
}

TEST_CASE("group: a follower that was away for long is fed from the log in chunks, and goes on where it was broken off") {
  cluster world({.seed = 11, .group = quick_group(), .links = {.delay = {1ms, 1ms}}});
  world.found(3);
  REQUIRE(world.await_leader());
  auto& away = follower_of(world);
  away.crash();
  write(world, 2000);
  REQUIRE(world.newest_committed().value > 1900);
  std::size_t largest = 0, sent = 0;
  world.passes = [&](const message& what) {
    if (const auto* const request = std::get_if<append_request>(&what.body); request && what.receiver == away.id.value)
      for (std::size_t size = 0; const auto& one : request->entries) {
        sent += one.size();
        largest = std::max(largest, size += one.size());
      }
    return true;
  };
  away.start();
  REQUIRE(world.run_until([&] { return away.durable_last().value > 800; }, 20s));
  REQUIRE(world.leader()->group->status().feeds.size() == 1);
  CHECK(world.leader()->group->status().feeds[0].match.value > 700);
  CHECK(world.leader()->group->status().feeds[0].target.value > 1900);
  away.crash();
  const auto reached = away.durable_last().value;
  world.run_for(1s);
  sent = 0;
  away.start();
  CHECK(world.await_agreement());
  world.run_for(100ms);
  CHECK(world.leader()->group->status().feeds.empty());
  CHECK(largest <= 1200);
  CHECK(sent < (2100 - reached) * 200);
  CHECK(world.leader()->group->status().raft.first_kept.value > 1900);
  sound(world);
}

TEST_CASE("group: a log without its beginning can't feed a server that has less") {
  cluster world({.seed = 11, .group = quick_group()});
  world.found(3);
  REQUIRE(world.await_leader());
  auto& away = follower_of(world);
  away.crash();
  write(world, 700);
  REQUIRE(world.leader()->store.log->drop_prefix(storage::shard_id{}, storage::log_index{600}));
  auto& leader = *world.leader();
  away.start();
  CHECK(world.run_until([&] { return !leader.feed_failures.empty(); }, 20s));
  CHECK(leader.feed_failures.at(0).code == "offset_dropped");
  sound(world);
}

TEST_CASE("group: reads are as new as what was committed before them, and a deposed leader answers none") {
  cluster world({.seed = 13, .group = quick_group()});
  world.found(3);
  REQUIRE(world.await_leader());
  write(world, 20);
  auto& old = *world.leader();
  const auto before = world.messages;
  for (int i = 0; i < 100; ++i) read_at(world, old);
  world.run_for(20ms);
  CHECK(world.reads == 100);
  CHECK(world.messages - before < 40);
  CHECK(old.group->next_index() == storage::log_index{old.durable_last().value + 1});
  world.isolate(old.id);
  std::optional<result<storage::log_index>> answer;
  old.group->read_barrier([&](const auto& told) { answer = told; });
  REQUIRE(world.run_until([&] { return answer.has_value(); }, 3s));
  CHECK(answer->error().code == "not_leader");
  CHECK(world.reads == 100);
  sound(world);
}

TEST_CASE("group: a failed disk stops the server and not the group") {
  cluster world({.seed = 31, .group = quick_group()});
  world.found(3);
  REQUIRE(world.await_leader());
  auto& broken = *world.leader();
  broken.disk.fail({error_kind::internal, "disk_full", "no space"});
  (void)broken.propose();
  REQUIRE(world.run_until([&] { return broken.failed.has_value(); }, 1s));
  CHECK(broken.failed->code == "disk_full");
  CHECK(broken.propose().error().code == "group_stopped");
  std::uint64_t said = 0;
  world.passes = [&](const message& what) {
    said += what.sender == broken.id.value ? 1 : 0;
    return true;
  };
  CHECK(world.run_until([&] { return world.leader() && world.leader() != &broken; }, 3s));
  CHECK(said == 0);
  sound(world);
}

TEST_CASE("group: while a conflict waits to be cut nothing more is taken") {
  cluster world({.seed = 43, .group = quick_group()});
  world.passes = [](const message&) { return false; };
  world.found(3);
  auto& to = world.at(1);
  REQUIRE(world.run_until([&] { return to.group->status().raft.last == log_index{1}; }, 1s));
  const auto offer = [&](std::uint64_t term, std::uint64_t previous, std::uint64_t previous_term) {
    const auto one = seal_entry(log_index{previous + 1}, storage::event_offset{1}, storage::term_number{term}, entry_kind::barrier);
    to.group->receive({0, 2, 1, append_request{term, previous, previous_term, 1, {*one.data}}});
  };
  to.disk_stuck = true;
  offer(2, 1, 1);
  offer(3, 1, 1);
  offer(3, 2, 3);
  CHECK(to.group->status().raft.last == log_index{2});
  to.disk_stuck = false;
  world.run_for(50ms);
  offer(3, 2, 3);
  CHECK(to.group->status().raft.last == log_index{3});
  world.run_for(50ms);
  CHECK(to.durable_last() == log_index{3});
  CHECK(open_entry(std::make_shared<const bytes>(to.durable_at(log_index{2})))->term == storage::term_number{3});
  sound(world);
}

TEST_CASE("group: damaged entries are not taken") {
  cluster world({.seed = 41, .group = quick_group()});
  world.found(3);
  REQUIRE(world.await_leader());
  auto& to = follower_of(world);
  const auto last = to.durable_last();
  append_request forged{world.leader()->group->term().value, last.value, 0, 0, {"no batch"}};
  to.group->receive({0, world.leader()->id.value, to.id.value, forged});
  CHECK(to.group->status().raft.last == last);
  forged.entries = {*seal_entry(storage::log_index{last.value + 2}, {}, world.leader()->group->term(), entry_kind::barrier).data};
  to.group->receive({0, world.leader()->id.value, to.id.value, forged});
  CHECK(to.group->status().raft.last == last);
}

}  // namespace bv::replication
