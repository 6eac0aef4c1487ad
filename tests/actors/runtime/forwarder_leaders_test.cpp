// What becomes of requests when the lead of their shard moves.
// covers: actors/runtime/request_forwarder.cpp
#include "tests/actors/runtime/forwarder_office.hpp"

using namespace bv;
using namespace bv::runtime;
using namespace bv::test;
using namespace bv::runtime::forwarding;
using namespace std::chrono_literals;

TEST_CASE("forwarder: when another node leads, what may be asked twice is asked of it, and the rest stays where it is") {
  office of;
  of.forwarder.on_leader(second);
  const auto with_id = of.ask("c1");
  const auto seen = of.look();
  const auto without = of.ask("");
  const auto alone = of.sent.back().number;
  of.forwarder.on_leader({});
  CHECK(of.sent.size() == 3);
  of.forwarder.on_leader(third);
  CHECK(of.sent.size() == 5);
  CHECK(std::get<frames::ask>(of.sent[3].what).command_id == "c1");
  of.pass(1s);
  CHECK(of.sent.size() == 5);
  SUBCASE("who led before may still answer what only it was asked") {
    of.forwarder.on_answer(second, {alone, 0, done(1)});
    CHECK(receipt_of(without).version == 1);
  }
  SUBCASE("what it says of the rest is late") {
    for (const auto& one : {of.sent[0], of.sent[1]}) of.forwarder.on_answer(second, {one.number, 0, done(1)});
    CHECK_FALSE(with_id->has_value());
    CHECK_FALSE(seen->has_value());
    of.forwarder.on_answer(third, {of.sent[3].number, 0, done(1)});
    CHECK(receipt_of(with_id).version == 1);
  }
}

TEST_CASE("forwarder: a leader that does not serve yet is asked again soon, however long it took to find it") {
  office of;
  of.forwarder.on_leader(second);
  of.reachable = false;
  const auto asked = of.ask("");
  of.pass(1s);  // by now it looks five times a second
  of.reachable = true;
  of.forwarder.on_leader(third);
  const auto times = of.sent.size();
  of.say(third, not_leader);
  of.pass(10ms);
  CHECK(of.sent.size() == times + 1);
  CHECK_FALSE(asked->has_value());
}

TEST_CASE("forwarder: only the node that was asked last can answer, and only what was asked") {
  office of;
  of.forwarder.on_leader(second);
  const auto asked = of.ask();
  const auto number = of.sent.back().number;
  of.say(third, done(9));
  of.forwarder.on_answer(second, {number + 1, 0, done(9)});
  CHECK_FALSE(asked->has_value());
  of.say(second, leadership_lost);
  of.forwarder.on_leader(third);
  of.say(second, done(9));
  CHECK_FALSE(asked->has_value());
  of.say(third, done(2));
  CHECK(receipt_of(asked).version == 2);
  of.say(third, done(2));  // comes to nobody
}

TEST_CASE("forwarder: when this node leads, what waits or may be asked twice is served here, and the rest once it is back") {
  office of;
  of.forwarder.on_leader(second);
  const auto repeatable = of.ask("c1");
  const auto under_way = of.ask("");
  of.forwarder.on_leader({});
  const auto waits = of.ask("c2");
  of.forwarder.on_leader(self);
  CHECK(of.served_here == 2);
  of.pass(1s);
  CHECK(of.served_here == 2);
  of.say(second, not_leader);
  of.pass(20ms);
  CHECK(of.served_here == 3);
  CHECK(of.sent.size() == 2);
  CHECK_FALSE(of.forwarder.any());
  CHECK_FALSE(repeatable->has_value());
  CHECK_FALSE(under_way->has_value());
  CHECK_FALSE(waits->has_value());
}
