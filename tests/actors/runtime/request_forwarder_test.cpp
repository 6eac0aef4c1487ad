#include "actors/runtime/request_forwarder.hpp"

#include "tests/actors/runtime/forwarder_office.hpp"

using namespace bv;
using namespace bv::runtime;
using namespace bv::test;
using namespace bv::runtime::forwarding;
using namespace std::chrono_literals;

TEST_CASE("forwarder: a command goes to who leads, and its answer comes back") {
  office of;
  of.forwarder.on_leader(second);
  const auto asked = of.ask();
  const auto& frame = std::get<frames::ask>(of.sent_to(second).what);
  CHECK(frame.entity == "default/counter/a");
  CHECK(frame.command_id == "c1");
  CHECK(frame.principal == "ada");
  CHECK(frame.remaining_ms == 10'000);
  CHECK(of.forwarder.any());
  of.time.advance(3ms);
  of.say(second, done(7));
  CHECK(receipt_of(asked).version == 7);
  CHECK_FALSE(of.forwarder.any());
  CHECK(of.measured.in_flight.value() == 0);
  CHECK(of.measured.command_us.read().count == 1);
}

TEST_CASE("forwarder: a view goes the same way") {
  office of;
  of.forwarder.on_leader(second);
  const auto seen = of.look();
  of.say(second, frames::view{3, "state"});
  REQUIRE(seen->has_value());
  CHECK((**seen)->version == 3);
  CHECK((**seen)->state == "state");
}

TEST_CASE("forwarder: without a leader a request waits, until one is known") {
  office of;
  const auto asked = of.ask();
  CHECK(of.sent.empty());
  of.forwarder.on_leader(third);
  of.sent_to(third);
  of.say(third, done(1));
  CHECK(asked->has_value());
}

TEST_CASE("forwarder: if no leader is found for a while, who waits is told, and who comes is not kept") {
  office of;
  const auto asked = of.ask();
  of.pass(1400ms);
  CHECK_FALSE(asked->has_value());
  of.pass(200ms);
  CHECK(code_of(asked) == "no_leader");
  CHECK(code_of(of.ask()) == "no_leader");
  CHECK(of.measured.in_flight.value() == 0);
}

TEST_CASE("forwarder: the time without a leader counts from when one was lost") {
  office of;
  of.forwarder.on_leader(second);
  of.pass(10s);
  of.forwarder.on_leader({});
  const auto asked = of.ask();
  of.pass(1s);
  CHECK_FALSE(asked->has_value());
  of.pass(1s);
  CHECK(code_of(asked) == "no_leader");
}

TEST_CASE("forwarder: what surely was not done is asked again, after ever longer pauses") {
  office of;
  of.forwarder.on_leader(second);
  const auto asked = of.ask("");
  std::vector<duration> pauses;
  for (int i = 0; i < 8; ++i) {
    const auto times = of.sent.size();
    const auto refused_at = of.time.now();
    of.say(second, not_leader);
    while (of.sent.size() == times) of.pass(10ms);
    pauses.push_back(of.time.now() - refused_at);
  }
  CHECK(pauses == std::vector<duration>{10ms, 20ms, 40ms, 80ms, 160ms, 200ms, 200ms, 200ms});
  CHECK_FALSE(asked->has_value());
  of.say(second, done(1));
  CHECK(asked->has_value());
}

TEST_CASE("forwarder: what may have been done is asked again under its command id, and told if it has none") {
  office of;
  of.forwarder.on_leader(second);
  SUBCASE("a command with an id") {
    const auto asked = of.ask("c1");
    of.say(second, leadership_lost);
    of.forwarder.on_leader(third);
    CHECK(std::get<frames::ask>(of.sent_to(third).what).command_id == "c1");
    of.say(third, frames::receipt{4, {0}, true});
    CHECK(receipt_of(asked).repeated);
  }
  SUBCASE("a command without") {
    const auto asked = of.ask("");
    of.say(second, leadership_lost);
    CHECK(code_of(asked) == "leadership_lost");
    of.forwarder.on_leader(third);
    of.pass(1s);
    CHECK(of.sent.size() == 1);
  }
  SUBCASE("a view") {
    const auto seen = of.look();
    of.say(second, leadership_lost);
    of.forwarder.on_leader(third);
    of.sent_to(third);
    CHECK_FALSE(seen->has_value());
  }
}

TEST_CASE("forwarder: what the leader says of any other kind is the answer") {
  for (const auto kind : {error_kind::invalid, error_kind::forbidden, error_kind::not_found, error_kind::conflict,
                          error_kind::precondition_failed, error_kind::overloaded, error_kind::timeout, error_kind::internal}) {
    CAPTURE(to_string(kind));
    office of;
    of.forwarder.on_leader(second);
    const auto asked = of.ask();
    of.say(second, frames::failure{std::string(to_string(kind)), "some_code", "why", "where", 70});
    CHECK(error_of(asked) == error{kind, "some_code", "why", "where", 70});
    of.pass(1s);
    CHECK(of.sent.size() == 1);
  }
}

TEST_CASE("forwarder: when the link is lost, only what can be repeated is") {
  office of;
  of.forwarder.on_leader(second);
  const auto with_id = of.ask("c1");
  const auto without = of.ask("");
  const auto seen = of.look();
  of.sent.clear();
  SUBCASE("to another node: nothing happens") {
    of.forwarder.on_link(third, false);
    of.pass(1s);
    CHECK(of.sent.empty());
  }
  SUBCASE("to who leads") {
    of.forwarder.on_link(second, false);
    CHECK(code_of(without) == "link_lost");
    CHECK(error_of(without).kind == error_kind::timeout);
    of.forwarder.on_leader(third);
    CHECK(of.sent.size() == 2);
  }
  CHECK_FALSE(with_id->has_value());
  CHECK_FALSE(seen->has_value());
}

TEST_CASE("forwarder: an answer to a number of an earlier process is nobody's") {
  office earlier, now;
  earlier.forwarder.on_leader(second);
  earlier.ask();
  CHECK(earlier.sent.back().number == 100);
  request_forwarder later{self, 5'000,
                          {.time = now.time,
                           .measured = now.measured,
                           .send = [](node_id, const frames::content&) { return true; },
                           .serve_here = [](const request_forwarder::request&) {}}};
  later.on_leader(second);
  bool answered = false;
  later.deliver(admitted_view{{.entity = counter_key("a"), .deadline = now.time.now() + 10s},
                              [&](const result<entity_view>&) { answered = true; }, now.time.now()});
  later.on_answer(second, {100, 0, frames::view{1, "of another life"}});
  CHECK_FALSE(answered);
  later.on_answer(second, {5'000, 0, frames::view{1, "state"}});
  CHECK(answered);
}

TEST_CASE("forwarder: a request is given up at its deadline, wherever it is") {
  office of;
  const auto deadline_passed = [](const auto& asked) { return asked->has_value() && (**asked).error().code == "deadline_passed"; };
  of.forwarder.on_leader(second);
  const auto under_way = of.ask("c1", 300ms);
  const auto waits = of.ask("c2", 200ms);
  of.say(second, not_leader);
  of.forwarder.on_leader({});
  of.pass(190ms);
  CHECK_FALSE(waits->has_value());
  of.pass(10ms);
  CHECK(deadline_passed(waits));
  CHECK_FALSE(under_way->has_value());
  of.pass(100ms);
  CHECK(deadline_passed(under_way));
  CHECK((**under_way).error().kind == error_kind::timeout);
}

TEST_CASE("forwarder: what goes out late says how little time is left") {
  office of;
  const auto asked = of.ask("c1", 1s);
  of.pass(400ms);
  of.forwarder.on_leader(second);
  CHECK(std::get<frames::ask>(of.sent_to(second).what).remaining_ms == 600);
  CHECK_FALSE(asked->has_value());
}

TEST_CASE("forwarder: if there is no way to the leader it is tried again") {
  office of;
  of.forwarder.on_leader(second);
  of.reachable = false;
  const auto asked = of.ask("");
  of.pass(1s);
  CHECK(of.sent.size() > 5);
  CHECK_FALSE(asked->has_value());
  of.reachable = true;
  of.pass(200ms);
  of.say(second, done(1));
  CHECK(receipt_of(asked).version == 1);
}

TEST_CASE("forwarder: at the end everybody is answered") {
  office of;
  const error why{error_kind::unavailable, "stopping", "the node stops"};
  of.forwarder.on_leader(second);
  const auto under_way = of.ask("c1");
  const auto seen = of.look();
  of.forwarder.fail_all(why);
  CHECK(code_of(under_way) == "stopping");
  REQUIRE(seen->has_value());
  CHECK((**seen).error().code == "stopping");
  CHECK_FALSE(of.forwarder.any());
  CHECK(of.measured.in_flight.value() == 0);
}

TEST_CASE("forwarder: an answer of another kind than the question is a fault") {
  office of;
  of.forwarder.on_leader(second);
  const auto asked = of.ask();
  of.say(second, frames::view{1, "state"});
  CHECK(code_of(asked) == "answer_malformed");
  const auto seen = of.look();
  of.say(second, done(1));
  CHECK((**seen).error().code == "answer_malformed");
}

TEST_CASE("forwarder: a command survives its frame, its deadline by what is left of it") {
  const timestamp there{1'700'000'000'000'000'000}, here{1'800'000'000'000'000'000};
  const admitted_command sent{{.entity = counter_key("a"),
                               .command = "bytes",
                               .command_id = "c1",
                               .from = {"ada", "trace", "corr"},
                               .deadline = there + 1500ms,
                               .expected_version = 0},
                              {},
                              there};
  auto arrived = from_frame(std::get<frames::ask>(to_frame(5, sent, there)), here);
  REQUIRE(arrived);
  CHECK(arrived->entity == sent.request.entity);
  CHECK(arrived->command == "bytes");
  CHECK(arrived->command_id == "c1");
  CHECK(arrived->from.principal == "ada");
  CHECK(arrived->from.trace == "trace");
  CHECK(arrived->from.correlation == "corr");
  CHECK(arrived->deadline == here + 1500ms);
  CHECK(arrived->expected_version == std::optional<std::uint64_t>(0));
  auto late = from_frame(std::get<frames::ask>(to_frame(5, sent, there + 1h)), here);
  REQUIRE(late);
  CHECK(late->deadline == here);
  CHECK_FALSE(from_frame(frames::ask{.number = 1, .entity = "nonsense"}, here).has_value());
}
