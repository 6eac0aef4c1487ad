// covers: actors/runtime/level_watch.cpp
#include "actors/runtime/shard_member.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>

#include "tests/actors/runtime/member_world.hpp"

using namespace bv;
using namespace bv::runtime;
using namespace bv::test;
using namespace std::chrono_literals;

namespace {

constexpr node_id stranger{9};

frames::ask ask(std::string entity, std::uint64_t number = 1) {
  return {.number = number,
          .entity = std::move(entity),
          .command = counter::contract::encode(counter::command(counter::add{1})),
          .command_id = "c" + std::to_string(number),
          .remaining_ms = 10'000};
}

/// What `at` answers a node that is no member, which tests read.
const frames::answer& answer_of(member_world& world, seat& at, frames::content what) {
  world.strays.clear();
  at.member().on_frame(stranger, std::move(what));
  REQUIRE(world.run_until([&] { return !world.strays.empty(); }));
  REQUIRE(world.strays.front().first == stranger);
  return std::get<frames::answer>(world.strays.front().second);
}
const frames::failure& failure_of(member_world& world, seat& at, frames::content what) {
  return std::get<frames::failure>(answer_of(world, at, std::move(what)).outcome);
}

}  // namespace

TEST_CASE("member: a request at any node is served by the one that leads, and counted where it came") {
  member_world world;
  world.settle();
  for (const auto& one : world.seats) {
    const auto asked = one->send("a", counter::add{1});
    REQUIRE(world.run_until([&] { return asked->has_value(); }));
    CHECK((*asked)->has_value());
  }
  for (const auto& one : world.seats) {
    CHECK(world.sum_of(*one, "a") == 3);
    CHECK(one->measured.in_flight.value() == 0);
    CHECK(one->measured.commands_accepted.value() == (one->serves() ? 3 : 0));
  }
}

TEST_CASE("member: a request that waits while nobody leads is served by who leads next") {
  member_world world;
  world.settle();
  auto& old = world.leader();
  auto& asker = world.other_than(old);
  old.crash();
  const auto asked = asker.send("a", counter::add{1}, "c1");
  REQUIRE(world.run_until([&] { return asked->has_value(); }, 5s));
  CHECK((*asked)->has_value());
}

TEST_CASE("member: a command that outlives its leader takes effect once, and tells its first answer") {
  member_world world;
  world.settle();
  auto& old = world.leader();
  auto& asker = world.other_than(old);
  const auto asked = asker.send("a", counter::add{5}, "c1");
  // Committed, but the answer does not come back.
  world.run_for(2ms);
  world.cuts.insert({old.id, asker.id});
  world.run_for(20ms);
  CHECK_FALSE(asked->has_value());
  old.crash();
  world.cuts.clear();
  REQUIRE(world.run_until([&] { return asked->has_value(); }, 5s));
  CHECK(receipt_of(asked).version == 1);
  world.settle();
  CHECK(world.sum_of(asker, "a") == 5);
}

TEST_CASE("member: with no majority within reach, requests are told so") {
  member_world world;
  world.settle();
  auto& old = world.leader();
  auto& asker = world.other_than(old);
  for (const auto& one : world.seats)
    if (one->id != asker.id) one->crash();
  const auto asked = asker.send("a", counter::add{1});
  REQUIRE(world.run_until([&] { return asked->has_value(); }, 5s));
  CHECK(error_of(asked).code == "no_leader");
}

TEST_CASE("member: a stale view comes from whoever is asked, also without a leader") {
  member_world world;
  world.settle();
  auto& old = world.leader();
  auto& asker = world.other_than(old);
  const auto done = old.send("a", counter::add{5});
  REQUIRE(world.run_until([&] { return done->has_value(); }));
  world.settle();
  const auto shown = [&](seat& by) {
    const auto asked = by.look("a", consistency::stale);
    REQUIRE(world.run_until([&] { return asked->has_value(); }, 50ms));
    REQUIRE((*asked)->has_value());
    REQUIRE((**asked)->stale.has_value());
    return ***asked;
  };
  CHECK(shown(asker).version == 1);
  CHECK(shown(asker).stale->leader_known);
  CHECK(shown(asker).stale->batches_behind == 0);
  CHECK(world.leader().measured.views.value() == 0);

  for (const auto& one : world.seats)
    if (one->id != asker.id) one->crash();
  world.run_for(3s);
  CHECK(shown(asker).version == 1);
  CHECK_FALSE(shown(asker).stale->leader_known);
  const auto sure = asker.look("a");
  REQUIRE(world.run_until([&] { return sure->has_value(); }, 5s));
  CHECK((*sure)->error().code == "no_leader");
  CHECK(asker.measured.in_flight.value() == 0);
}

TEST_CASE("member: a leader that is cut off shows a stale view nothing that it could not commit") {
  member_world world;
  world.settle();
  auto& old = world.leader();
  const auto done = old.send("a", counter::add{5});
  REQUIRE(world.run_until([&] { return done->has_value(); }));
  world.isolate(old);
  old.send("a", counter::add{5}, "c2");
  world.run_for(10ms);
  REQUIRE(old.serves());
  const auto asked = old.look("a", consistency::stale);
  REQUIRE(world.run_until([&] { return asked->has_value(); }, 50ms));
  CHECK((**asked)->version == 1);
}

TEST_CASE("member: a stale view waits until a start knows again what it knew before") {
  member_world world;
  world.settle();
  auto& leader = world.leader();
  auto& other = world.other_than(leader);
  const auto done = leader.send("a", counter::add{5});
  REQUIRE(world.run_until([&] { return done->has_value(); }));
  world.settle();
  other.crash();
  other.background_takes = 200ms;
  other.start();
  const auto early = other.look("a", consistency::stale);
  REQUIRE(world.run_until([&] { return early->has_value(); }, 50ms));
  CHECK((*early)->error().code == "starting");
  REQUIRE(world.run_until([&] { return other.started.has_value(); }));
  other.background_takes = {};
  const auto asked = other.look("a", consistency::stale);
  REQUIRE(world.run_until([&] { return asked->has_value(); }, 50ms));
  CHECK((**asked)->version == 1);
}

TEST_CASE("member: an answer bears the question's number and who leads") {
  member_world world;
  world.settle();
  const auto said = answer_of(world, world.leader(), ask("default/counter/a", 77));
  CHECK(said.number == 77);
  CHECK(said.leader == world.leader().id.value);
  CHECK(std::get<frames::receipt>(said.outcome).version == 1);
  CHECK(world.leader().measured.in_flight.value() == 0);
}

TEST_CASE("member: who does not lead refuses, so that nothing was done, and says who does") {
  member_world world;
  world.settle();
  auto& follower = world.other_than(world.leader());
  const auto said = answer_of(world, follower, ask("default/counter/a"));
  CHECK(said.leader == world.leader().id.value);
  CHECK(std::get<frames::failure>(said.outcome).code == "not_leader");
  CHECK(failure_of(world, follower, frames::look{1, "default/counter/a", 100}).code == "not_leader");
  CHECK(follower.measured.in_flight.value() == 0);
}

TEST_CASE("member: a type that the leader does not know, and a name that is none, are the asker's fault") {
  member_world world;
  world.settle();
  auto& leader = world.leader();
  CHECK(failure_of(world, leader, ask("default/tally/a")).code == "unknown_type");
  CHECK(failure_of(world, leader, frames::look{1, "default/tally/a", 100}).code == "unknown_type");
  CHECK(failure_of(world, leader, ask("nonsense")).kind == "invalid");
  CHECK(failure_of(world, leader, frames::look{1, "nonsense", 100}).kind == "invalid");
  CHECK(leader.measured.in_flight.value() == 0);
}

TEST_CASE("member: beyond what the leader admits other nodes' requests are turned away, and count no more") {
  member_world world(3, {}, {.in_flight_per_shard_max = 1});
  world.settle();
  auto& leader = world.leader();
  for (const auto& one : world.seats) one->stick_disk(true);
  world.strays.clear();
  leader.member().on_frame(stranger, ask("default/counter/a", 1));
  const auto said = answer_of(world, leader, ask("default/counter/a", 2));
  const auto& refused = std::get<frames::failure>(said.outcome);
  CHECK(refused.code == "overloaded");
  CHECK(refused.kind == "overloaded");
  CHECK(refused.retry_after_ms == 100);
  CHECK(leader.measured.commands_overloaded.value() == 1);
  world.strays.clear();
  for (const auto& one : world.seats) one->stick_disk(false);
  REQUIRE(world.run_until([&] { return !world.strays.empty(); }));
  CHECK(leader.measured.in_flight.value() == 0);
}

TEST_CASE("member: how far a subscription is reaches the other nodes' journals, and never goes back") {
  member_world world;
  world.settle();
  auto& leader = world.leader();
  auto& follower = world.other_than(leader);
  const auto cursor_of = [](seat& one) { return one.store.log->read_cursor("orders", storage::shard_id{0})->value; };
  follower.member().on_frame(leader.id, frames::cursor{"orders", 12});
  CHECK(cursor_of(follower) == 12);
  follower.member().on_frame(stranger, frames::cursor{"orders", 7});
  CHECK(cursor_of(follower) == 12);
  leader.member().on_frame(stranger, frames::cursor{"orders", 12});
  CHECK(cursor_of(leader) == 0);
}

TEST_CASE("member: who stops hands over first, finishes what is under way, and takes nothing new") {
  member_world world;
  world.settle();
  auto& old = world.leader();
  const auto accepted = old.send("a", counter::add{1});
  world.run_for(0ms);
  const auto stopped = old.stop();
  CHECK(failure_of(world, old, ask("default/counter/a")).code == "not_leader");
  const auto late = old.send("a", counter::add{1});
  REQUIRE(world.run_until([&] { return *stopped; }, 3s));
  CHECK(error_of(late).code == "stopping");
  CHECK(receipt_of(accepted).version == 1);
  CHECK(std::ranges::count_if(world.seats, [&](const auto& one) { return one->serves() && one->id != old.id; }) == 1);
  CHECK(old.measured.in_flight.value() == 0);
}

TEST_CASE("member: who stops is not given the lead back, once all understand that it says so") {
  member_world world;
  world.settle();
  auto& old = world.leader();
  for (const auto& one : world.seats) one->replica().prefer(old.id);
  bool understood = false;
  SUBCASE("not yet") {}
  SUBCASE("they do") { understood = true; }
  if (understood)
    for (const auto& one : world.seats) REQUIRE(one->features().raise(level_of(feature::leaving_notice)).has_value());
  const auto stopped = old.stop();
  REQUIRE(world.run_until([&] { return *stopped; }, 3s));
  // Other shards keep its process for a while.
  const bool led_again = world.run_until([&] { return old.serves(); }, 5s);
  CHECK(led_again == !understood);
}

TEST_CASE("member: who stops while its own requests are under way elsewhere waits for them, not for ever") {
  member_world world;
  world.settle();
  auto& leader = world.leader();
  auto& asker = world.other_than(leader);
  SUBCASE("they are answered") {
    const auto asked = asker.send("a", counter::add{1});
    world.run_for(0ms);
    const auto stopped = asker.stop();
    REQUIRE(world.run_until([&] { return *stopped; }, 1s));
    CHECK(receipt_of(asked).version == 1);
  }
  SUBCASE("they are not") {
    world.isolate(asker);
    const auto asked = asker.send("a", counter::add{1});
    world.run_for(0ms);
    const auto stopped = asker.stop();
    world.run_for(2s);
    CHECK_FALSE(*stopped);
    REQUIRE(world.run_until([&] { return *stopped; }, 2s));
    CHECK(error_of(asked).code == "stopping");
  }
}

TEST_CASE("member: the only one of its group stops at once") {
  member_world world(1);
  world.settle();
  const auto asked = world.at(1).send("a", counter::add{1});
  world.run_for(0ms);
  const auto stopped = world.at(1).stop();
  REQUIRE(world.run_until([&] { return *stopped; }, 100ms));
  CHECK(receipt_of(asked).version == 1);
}

TEST_CASE("member: nobody is left without an answer when a leader that is cut off stops") {
  member_world world;
  world.settle();
  auto& old = world.leader();
  world.sum_of(old, "a");
  world.isolate(old);
  for (const auto& one : world.seats)
    if (one->id != old.id) world.link(old, *one, false);
  shard_world::answer asked;
  shard_world::view_answer seen;
  SUBCASE("of a command") { asked = old.send("a", counter::add{1}); }
  SUBCASE("of a command that is refused") { asked = old.send("b", counter::add{-1}); }
  SUBCASE("of a view") { seen = old.look("a"); }
  world.run_for(5ms);
  const auto stopped = old.stop();
  REQUIRE(world.run_until([&] { return *stopped; }, 10s));
  CHECK((asked ? asked->has_value() : seen->has_value()));
}

namespace {

struct level_answer {
  std::optional<result<storage::log_index>> said;
};
std::shared_ptr<level_answer> ask_level(seat& at, std::uint64_t at_most_ms) {
  auto kept = std::make_shared<level_answer>();
  at.member().level(at_most_ms, [kept](result<storage::log_index> said) {
    CHECK_FALSE(kept->said);
    kept->said = std::move(said);
  });
  return kept;
}

}  // namespace

TEST_CASE("member: a node is level when it has taken in what was committed anywhere when it was asked") {
  member_world world;
  world.settle();
  auto& leader = world.leader();
  auto& late = world.other_than(leader);
  late.stick_disk(true);
  for (int i = 0; i < 5; ++i) {
    const auto asked = leader.send("a", counter::add{1});
    REQUIRE(world.run_until([&] { return asked->has_value(); }));
  }
  const auto committed = leader.replica().committed();
  REQUIRE(late.replica().taken_in() < committed);
  const auto level = ask_level(late, 60'000);
  const auto at_leader = ask_level(leader, 60'000);
  world.run_for(2s);
  CHECK_FALSE(level->said);
  REQUIRE(at_leader->said);
  CHECK(**at_leader->said == committed);
  late.stick_disk(false);
  REQUIRE(world.run_until([&] { return level->said.has_value(); }));
  CHECK(**level->said >= committed);
  CHECK(late.replica().taken_in() >= committed);
}

TEST_CASE("member: who is cut off is not level, and says so in time; when the cut heals it is") {
  member_world world;
  world.settle();
  // Whoever led before, too: it may not be the leader any more.
  for (auto* const one : {&world.leader(), &world.other_than(world.leader())}) {
    world.isolate(*one);
    const auto level = ask_level(*one, 3'000);
    world.run_for(2900ms);
    CHECK_FALSE(level->said);
    REQUIRE(world.run_until([&] { return level->said.has_value(); }, 200ms));
    CHECK(level->said->error().code == "not_level");
    const auto again = ask_level(*one, 10'000);
    world.cuts.clear();
    REQUIRE(world.run_until([&] { return again->said.has_value(); }));
    CHECK(again->said->has_value());
    world.settle();
  }
}

TEST_CASE("member: a stop ends the wait to be level") {
  member_world world;
  world.settle();
  auto& one = world.other_than(world.leader());
  world.isolate(one);
  const auto level = ask_level(one, 60'000);
  const auto stopped = one.stop();
  REQUIRE(world.run_until([&] { return *stopped; }));
  REQUIRE(level->said);
  CHECK(level->said->error().code == "stopping");
}
