// The rules of a saga, given what has happened, when a command comes, then what happens.
// covers: sagas/engine/decide.cpp
// covers: sagas/engine/evolve.cpp
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "sagas/engine/core.hpp"
#include "tests/actors/no_facts.hpp"
#include "tests/sagas/engine/shop.hpp"

namespace bv::sagas::testing {
namespace {

using namespace std::chrono_literals;

constexpr timestamp noon{1'000'000'000'000};
const entity_key self = entity_key::trusted("default", "saga", "sale-B1");

/// A saga that is told things at noon, or later.
class story_of_a_sale {
 public:
  explicit story_of_a_sale(std::vector<definition> known = {sale()}) : known_(std::move(known)) {}

  result<std::vector<run::event>> when(run::command command, duration after = {}) {
    const test::no_facts none;
    auto next = state;
    auto events = decide(known_, next, command,
                         {.now = noon + after,
                          .self = self,
                          .version = version,
                          .principal = {},
                          .command_id = {},
                          .random = 0,
                          .known = none});
    if (!events || events->empty()) return events;
    for (const auto& event : *events) evolve(state, event);
    CHECK(next == state);  // what decide() did to the copy is what its events say
    version += events->size();
    return events;
  }
  story_of_a_sale& given(run::command command) {
    REQUIRE(when(std::move(command)));
    return *this;
  }
  story_of_a_sale& given_done(std::uint16_t step) {
    const auto events = when(run::advance{version, {{step, {}}}, {}});
    REQUIRE(events);
    REQUIRE(!events->empty());
    return *this;
  }

  run::state state;
  std::uint64_t version = 0;

 private:
  definitions known_;
};

run::start a_start() {
  return {"sale", 0, encode(basket{"B1", {"apple"}}), {}, "trace", "correlation"};
}
run::broken refused(std::uint16_t step) {
  return {step, {"conflict", "no", "no!", "x"}, true, {1}, 0};
}
run::broken failed(std::uint16_t step) {
  return {step, {"unavailable", "down", "later", "x"}, false, {}, 0};
}

TEST_CASE("saga: it starts once, on the newest version, with its deadline set") {
  story_of_a_sale s;
  const auto events = s.when(a_start());
  REQUIRE(events);
  CHECK(s.state.status == run::status::running);
  CHECK(s.state.version == 1);
  CHECK(s.state.deadline_at == noon + 30s);
  CHECK(s.state.steps.size() == 4);
  CHECK(s.when(a_start())->empty());
  auto other = a_start();
  other.input = encode(basket{"B1", {"pear"}});
  CHECK(s.when(other).error().code == "saga_exists");
}

TEST_CASE("saga: a start with an unknown definition or an unusable input is refused") {
  story_of_a_sale s;
  auto start = a_start();
  start.definition = "theft";
  CHECK(s.when(start).error().code == "saga_definition_unknown");
  start = a_start();
  start.version = 9;
  CHECK(s.when(start).error().code == "saga_definition_unknown");
  start = a_start();
  start.input = "";
  CHECK(s.when(start).error().code == "saga_input_invalid");
  CHECK(s.version == 0);
}

TEST_CASE("saga: done steps move it on, the last one completes it") {
  story_of_a_sale s;
  s.given(a_start());
  const auto events = s.when(run::advance{1, {{0, {}}, {1, {"card 7"}}}, {}});
  REQUIRE(events);
  CHECK(events->size() == 2);
  CHECK(s.state.current == 2);
  CHECK(s.state.point_of_no_return_passed);
  CHECK(s.state.steps[1].results == std::vector<std::string>{"card 7"});
  CHECK(s.when(run::advance{3, {{2, {}}, {3, {}}}, {}})->size() == 3);
  CHECK(s.state.status == run::status::completed);
}

TEST_CASE("saga: what a supervisor found out at another version, or of another step, is without effect") {
  story_of_a_sale s;
  s.given(a_start());
  CHECK(s.when(run::advance{0, {{0, {}}}, {}})->empty());
  CHECK(s.when(run::advance{1, {{1, {}}}, {}})->empty());
  CHECK(s.when(run::advance{1, {{0, {}}, {2, {}}}, {}})->empty());
  CHECK(s.when(run::advance{1, {}, failed(2)})->empty());
  CHECK(s.state.current == 0);
}

TEST_CASE("saga: a failure is counted and given a time to retry, until the policy has had enough") {
  story_of_a_sale s;
  s.given(a_start()).given_done(0);
  for (std::uint32_t n = 1; n <= 3; ++n) {
    REQUIRE(s.when(run::advance{s.version, {}, failed(1)}));
    CHECK(s.state.steps[1].failed_attempts == n);
    CHECK(s.state.steps[1].retry_at == noon + 100ms * (1 << (n - 1)));
  }
  REQUIRE(s.when(run::advance{s.version, {}, failed(1)}));
  CHECK(s.state.status == run::status::compensating);
  CHECK(s.state.cause == run::cause::failure);
  CHECK(s.state.current == 1);  // it may have happened
}

TEST_CASE("saga: a refusal begins the undo at once, and the undo of the first step ends it") {
  story_of_a_sale s;
  s.given(a_start()).given_done(0);
  REQUIRE(s.when(run::advance{s.version, {}, refused(1)}));
  CHECK(s.state.status == run::status::compensating);
  CHECK(s.state.steps[1].refused == std::vector<std::uint16_t>{1});
  REQUIRE(s.when(run::advance{s.version, {{1, {}}, {0, {}}}, {}}));
  CHECK(s.state.status == run::status::compensated);
  CHECK(s.state.ended_at == noon);
}

TEST_CASE("saga: a cancel undoes it, but not twice, not past the point of no return, not when it is over") {
  story_of_a_sale early;
  CHECK(early.when(run::cancel{"why"}).error().code == "saga_unknown");
  early.given(a_start());
  REQUIRE(early.when(run::cancel{"why"}));
  CHECK(early.when(run::cancel{"again"})->empty());
  REQUIRE(early.when(run::advance{early.version, {{0, {}}}, {}}));
  CHECK(early.state.status == run::status::cancelled);
  CHECK(early.when(run::cancel{"why"}).error().code == "saga_over");

  story_of_a_sale late;
  late.given(a_start()).given_done(0).given_done(1);
  CHECK(late.when(run::cancel{"why"}).error().code == "saga_past_point_of_no_return");
}

TEST_CASE("saga: one that runs ahead of its journal undoes all that it may have begun") {
  story_of_a_sale s({sale().journal_at_checkpoints()});
  s.given(a_start());
  REQUIRE(s.when(run::cancel{"why"}));
  CHECK(s.state.current ==
        1);  // the charge may be under way; the shipping, past the point of no return, is not
}

TEST_CASE("saga: its timers do nothing before their time, and nothing past the point of no return") {
  story_of_a_sale s;
  s.given(a_start());
  CHECK(wake_at(s.state) == noon + 30s);
  CHECK(s.when(run::wake{}, 30s - 1ns)->empty());
  story_of_a_sale late;
  late.given(a_start()).given_done(0).given_done(1);
  CHECK(wake_at(late.state) == timestamp{});
  CHECK(late.when(run::wake{}, 1h)->empty());
  REQUIRE(s.when(run::wake{}, 30s));
  CHECK(s.state.cause == run::cause::deadline);
  CHECK(s.when(run::wake{}, 31s)->empty());
}

TEST_CASE("saga: signals are kept up to a bound") {
  story_of_a_sale s;
  CHECK(s.when(run::receive{"x", ""}).error().code == "saga_unknown");
  s.given(a_start());
  for (std::size_t i = 0; i < signals_max; ++i) REQUIRE(s.when(run::receive{"x", ""}));
  CHECK(s.when(run::receive{"x", ""}).error().code == "saga_too_many_signals");
}

TEST_CASE("saga: nothing but a redrive or a discard gets a parked one to move") {
  story_of_a_sale s;
  s.given(a_start()).given_done(0).given_done(1);
  CHECK(s.when(run::redrive{}).error().code == "saga_not_parked");
  REQUIRE(s.when(run::advance{s.version, {}, refused(2)}));
  CHECK(s.state.status == run::status::parked);
  CHECK(!is_active(s.state));
  CHECK(s.when(run::advance{s.version, {{2, {}}}, {}})->empty());
  CHECK(s.when(run::cancel{"why"}).error().code == "saga_parked");
  CHECK(s.when(run::wake{}, 1h)->empty());
  REQUIRE(s.when(run::redrive{}));
  CHECK(s.state.status == run::status::running);
  CHECK(s.state.steps[2].renewed == std::vector<std::uint16_t>{1});
}

TEST_CASE("saga: whatever commands come in whatever order, it stays in order") {
  rc::check("any commands", [] {
    story_of_a_sale s({*rc::gen::element<definition>(sale(), sale().journal_at_checkpoints())});
    s.given(a_start());
    for (int i = 0; i < 40; ++i) {
      const auto step = static_cast<std::uint16_t>(s.state.current);
      const auto before = s.state;
      switch (*rc::gen::inRange(0, 8)) {
        case 0:
        case 1: (void)s.when(run::advance{s.version, {{step, {}}}, {}}); break;
        case 2: (void)s.when(run::advance{s.version, {}, failed(step)}); break;
        case 3: (void)s.when(run::advance{s.version, {}, refused(step)}); break;
        case 4: (void)s.when(run::cancel{"why"}); break;
        case 5: (void)s.when(run::wake{}, std::chrono::seconds{*rc::gen::inRange(0, 60)}); break;
        case 6: (void)s.when(run::redrive{}); break;
        case 7: (void)s.when(run::receive{"x", ""}); break;
      }
      RC_ASSERT(s.state.current <= s.state.steps.size());
      if (before.point_of_no_return_passed) RC_ASSERT(s.state.status != run::status::compensating);
      if (is_over(before.status)) RC_ASSERT(s.state == before);
      if (s.state.status == run::status::completed)
        for (const auto& one : s.state.steps) RC_ASSERT(one.status == run::step_status::done);
      if (s.state.status == run::status::compensated || s.state.status == run::status::cancelled)
        for (const auto& one : s.state.steps) RC_ASSERT(one.status != run::step_status::done);
    }
  });
}

}  // namespace
}  // namespace bv::sagas::testing
