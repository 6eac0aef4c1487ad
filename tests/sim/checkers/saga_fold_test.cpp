#include <doctest/doctest.h>

#include "sim/checkers/saga_fold.hpp"

namespace bv::sim {
namespace {

namespace run = sagas::run;

/// The first thing that is wrong.
std::string read(const std::vector<run::event>& events) {
  saga_facts saga;
  for (const auto& event : events)
    if (auto wrong = fold(saga, event); !wrong.empty()) return wrong;
  return {};
}

const run::event start = run::started{.definition = "d", .steps = {"a", "b"}, .deadline_at = {100}, .next = {.timeout_at = {50}}};
const run::event done0 = run::step_done{0, {}, {}, {}}, done1 = run::step_done{1, {}, {}, {}}, completed = run::completed{};
const run::event undo = run::compensation_began{.from = 1}, undone1 = run::step_undone{1, {}}, undone0 = run::step_undone{0, {}};
const run::event compensated = run::compensated{}, parked = run::parked{}, discarded = run::discarded{};

TEST_CASE("saga fold: the ways that the contract draws are fine") {
  CHECK(read({start, done0, run::attempt_failed{}, done1, completed}).empty());
  CHECK(read({start, done0, undo, undone1, undone0, compensated, run::joined{}, run::followers_informed{}}).empty());
  CHECK(read({start, undo, parked, run::redriven{.into = run::status::compensating}, undone1, undone0, compensated}).empty());
  CHECK(read({start, done0, parked, run::redriven{.into = run::status::running}, done1, completed}).empty());
  CHECK(read({start, run::signalled{}, run::member_ended{}, parked, discarded}).empty());
}

TEST_CASE("saga fold: the others are not") {
  CHECK(read({start, start}) == "is started twice");
  CHECK(read({start, done1}) == "does step 'b' while it is at step 'a'");
  CHECK(read({start, done0, completed}) == "completes while it is at step 'b'");
  CHECK(read({start, done0, done0}) == "does step 'a' twice");
  CHECK(read({start, done0, done1, completed, undo}) == "is undone while it is completed");
  CHECK(read({start, undone0}) == "undoes step 'a' while it is running");
  CHECK(read({start, undo, undone0}) == "undoes step 'a' while it is at step 'b'");
  CHECK(read({start, undo, undone1, undone1}) == "undoes step 'b' twice");
  CHECK(read({start, undo, undone1, compensated}) == "is compensated before its first step is undone");
  CHECK(read({start, undo, done0}) == "does step 'a' while it is compensating");
  CHECK(read({start, run::step_done{0, {}, {.point_of_no_return = true}, {}}, undo}) == "is undone after its point of no return");
  CHECK(read({start, discarded}) == "is discarded while it is running");
  CHECK(read({start, parked, parked}) == "is parked while it is parked");
  CHECK(read({start, run::redriven{}}) == "is redriven while it is running");
  CHECK(read({start, run::followers_informed{}}) == "tells its followers of its end while it is running");
  CHECK(read({run::signalled{}}) == "is signalled while it is unstarted");
  CHECK(read({start, parked, run::attempt_failed{}}) == "fails at step 'a' while it is parked");
}

TEST_CASE("saga fold: a saga is due at its deadline or its step's, until its point of no return") {
  saga_facts saga;
  fold(saga, start);
  CHECK(saga.due() == timestamp{50});
  fold(saga, run::step_done{0, {}, {.timeout_at = {120}}, {}});
  CHECK(saga.due() == timestamp{100});
  fold(saga, run::step_done{1, {}, {.point_of_no_return = true}, {}});
  CHECK(saga.due() == timestamp{});
}

}  // namespace
}  // namespace bv::sim
