// A node may die between any two things that it does. Wherever that is, the saga must end as it would have,
// with every effect exactly once.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "tests/sagas/engine/saga_world.hpp"
#include "tests/sagas/engine/shop.hpp"

namespace bv::sagas::testing {
namespace {

using namespace std::chrono_literals;


struct ending {
  run::status status;
  std::multiset<std::string> effects;
  bool operator==(const ending&) const = default;
};

ending run_with_crashes(progress journaled, const script& participants, const std::set<int>& crash_at,
                        int& steps) {
  definition sold = sale();
  sold.journaled = journaled;
  saga_world world({sold});
  world.add_service("bank");
  world.participants = participants;
  REQUIRE(world.start("sale", "B1", two_fruits));
  steps = 0;
  do {
    if (crash_at.contains(steps)) world.crash();
    ++steps;
    REQUIRE(steps < 100'000);
  } while (world.step());
  // The same id must never come with another body: the world asserts it.
  const auto& effects = world.effects();
  return {world.status("sale-B1"), {effects.begin(), effects.end()}};
}

void check_every_crash(const script& participants, run::status expected) {
  for (const auto journaled : {progress::every_step, progress::checkpoints}) {
    int steps = 0;
    const auto undisturbed = run_with_crashes(journaled, participants, {}, steps);
    REQUIRE(undisturbed.status == expected);
    const int all = steps;
    for (int first = 0; first < all; ++first) {
      CAPTURE(first);
      CAPTURE(journaled == progress::checkpoints);
      CHECK(run_with_crashes(journaled, participants, {first}, steps) == undisturbed);
      CHECK(run_with_crashes(journaled, participants, {first, first + 3, first + 11}, steps) == undisturbed);
    }
  }
}

TEST_CASE("supervisor: a saga that goes well survives a crash at every point") {
  check_every_crash([](const seen_call&) { return reaction::ok(); }, run::status::completed);
}

TEST_CASE("supervisor: a saga that is undone survives a crash at every point") {
  check_every_crash(
      [](const seen_call& call) {
        return call.who == "bank" ? reaction::refuse("card_declined") : reaction::ok();
      },
      run::status::compensated);
}

TEST_CASE("supervisor: a saga that has to retry survives a crash at every point") {
  check_every_crash(
      [](const seen_call& call) { return call.attempt % 3 != 0 ? reaction::fail() : reaction::ok(); },
      run::status::completed);
}

TEST_CASE("supervisor: a deadline that passes while the node is down strikes when it is back") {
  saga_world world({sale()});
  world.add_service("bank");
  world.participants = [](const seen_call& call) {
    return call.body == "charge B1" ? reaction::act_and_hang() : reaction::ok();
  };
  REQUIRE(world.start("sale", "B1", two_fruits));
  world.run_for(1s);
  world.crash();
  world.run_for(60s);
  CHECK(world.status("sale-B1") == run::status::compensated);
  CHECK(std::ranges::count(world.effects(), "bank: refund B1") == 1);
}

}  // namespace
}  // namespace bv::sagas::testing
