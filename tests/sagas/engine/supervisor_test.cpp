// covers: sagas/engine/definition.cpp
// covers: sagas/engine/engine.cpp
// covers: sagas/engine/step_run.cpp
#include <doctest/doctest.h>

#include <algorithm>

#include "sagas/engine/core.hpp"
#include "tests/sagas/engine/saga_world.hpp"
#include "tests/sagas/engine/shop.hpp"

namespace bv::sagas::testing {
namespace {

using namespace std::chrono_literals;

TEST_CASE("supervisor: the steps of a saga happen in order, the calls of a step at once") {
  auto world = a_shop();
  world.add_service("bank");
  world.participants = [](const seen_call& call) { return bank_says(call, reaction::ok("card 7")); };
  REQUIRE(world.start("sale", "B1", two_fruits));
  world.run_for(1s);
  CHECK(world.status("sale-B1") == run::status::completed);
  CHECK(world.effects() == strings{"order/B1: place", "stock/apple: reserve", "stock/pear: reserve",
                                   "bank: charge B1", "order/B1: ship paid with card 7", "mail/B1: thank"});
  CHECK(world.calls().front().id == "sale-B1#0.0a");
  CHECK(world.calls()[2].id == "sale-B1#0.2a");
}

TEST_CASE("supervisor: a step costs one record, and the last one ends the saga with it") {
  auto world = a_shop();
  world.add_service("bank");
  REQUIRE(world.start("sale", "B1", two_fruits));
  world.run_until_quiet();
  CHECK(world.records("sale-B1") == 1 + 4);
  CHECK(world.engine().measured.completed.value() == 1);
  CHECK(world.engine().measured.steps_done.value() == 4);
}

TEST_CASE("supervisor: a saga that is journaled at checkpoints costs start, point of no return and end") {
  auto world = a_shop(sale().journal_at_checkpoints());
  world.add_service("bank");
  world.participants = [](const seen_call& call) { return bank_says(call, reaction::ok("card 7")); };
  REQUIRE(world.start("sale", "B1", two_fruits));
  world.run_until_quiet();
  CHECK(world.status("sale-B1") == run::status::completed);
  CHECK(world.records("sale-B1") == 3);
  CHECK(world.effects().back() == "mail/B1: thank");
  CHECK(world.saga("sale-B1").steps[1].results == strings{"card 7"});
}

TEST_CASE("supervisor: progress that ran ahead is journaled after a second at the latest") {
  auto world = a_shop(sale().journal_at_checkpoints());
  world.add_service("bank");
  world.participants = [](const seen_call& call) {
    auto slow = reaction::ok();
    slow.after = 3s;
    return bank_says(call, slow);
  };
  REQUIRE(world.start("sale", "B1", two_fruits));
  world.run_for(900ms);
  CHECK(world.saga("sale-B1").current == 0);
  world.run_for(200ms);
  CHECK(world.saga("sale-B1").current == 1);
  world.run_until_quiet();
  CHECK(world.status("sale-B1") == run::status::completed);
}

TEST_CASE("supervisor: a refusal undoes what was done, newest step first, and says why") {
  for (const auto journaled : {progress::every_step, progress::checkpoints}) {
    CAPTURE(journaled == progress::checkpoints);
    definition sold = sale();
    sold.journaled = journaled;
    auto world = a_shop(sold);
    world.add_service("bank");
    world.participants = [](const seen_call& call) {
      return bank_says(call, reaction::refuse("card_declined"));
    };
    REQUIRE(world.start("sale", "B1", two_fruits));
    world.run_until_quiet();
    CHECK(world.status("sale-B1") == run::status::compensated);
    CHECK(world.saga("sale-B1").fault->code == "card_declined");
    CHECK(world.saga("sale-B1").fault->step == "charge");
    // Nothing was charged, so nothing is refunded.
    CHECK(world.effects() == strings{"order/B1: place", "stock/apple: reserve", "stock/pear: reserve",
                                     "order/B1: cancel because card_declined", "stock/apple: release",
                                     "stock/pear: release"});
    CHECK(world.times_called("charge B1") == 1);
  }
}

TEST_CASE("supervisor: of a step with many calls only those are undone that were not refused") {
  auto world = a_shop();
  world.add_service("bank");
  world.participants = [](const seen_call& call) {
    return call.who == "stock/pear" ? reaction::refuse("out_of_stock") : reaction::ok();
  };
  REQUIRE(world.start("sale", "B1", two_fruits));
  world.run_until_quiet();
  CHECK(world.status("sale-B1") == run::status::compensated);
  CHECK(world.effects() == strings{"order/B1: place", "stock/apple: reserve",
                                   "order/B1: cancel because out_of_stock", "stock/apple: release"});
}

TEST_CASE("supervisor: what an earlier go got done is not asked for again") {
  auto world = a_shop();
  world.add_service("bank");
  world.participants = [](const seen_call& call) {
    return call.who == "stock/pear" && call.attempt < 3 ? reaction::fail(error_kind::overloaded) : reaction::ok();
  };
  REQUIRE(world.start("sale", "B1", two_fruits));
  world.run_until_quiet();
  CHECK(world.status("sale-B1") == run::status::completed);
  CHECK(std::ranges::count(world.calls(), "stock/apple", &seen_call::who) == 1);
  CHECK(std::ranges::count(world.calls(), "stock/pear", &seen_call::who) == 3);
}

TEST_CASE("supervisor: a tolerated refusal counts as done") {
  definition sold = sale();
  sold.steps[0].acts[1].tolerated.insert("out_of_stock");
  auto world = a_shop(sold);
  world.add_service("bank");
  world.participants = [](const seen_call& call) {
    return call.who == "stock/pear" ? reaction::refuse("out_of_stock") : reaction::ok();
  };
  REQUIRE(world.start("sale", "B1", two_fruits));
  world.run_until_quiet();
  CHECK(world.status("sale-B1") == run::status::completed);
}

TEST_CASE("supervisor: a failure that may pass is retried under the same id with the policy's pauses") {
  auto world = a_shop();
  world.add_service("bank");
  std::vector<timestamp> asked;
  world.participants = [&](const seen_call& call) {
    if (call.who != "bank") return reaction::ok();
    asked.push_back(world.now());
    return call.attempt < 4 ? reaction::fail() : reaction::ok();
  };
  REQUIRE(world.start("sale", "B1", two_fruits));
  world.run_until_quiet();
  CHECK(world.status("sale-B1") == run::status::completed);
  REQUIRE(asked.size() == 4);
  for (std::size_t i = 1; i < asked.size(); ++i) {
    const auto pause = asked[i] - asked[i - 1];
    CHECK(pause >= 100ms * (1 << (i - 1)));
    CHECK(pause < 100ms * (1 << (i - 1)) + 10ms);
  }
  CHECK(world.saga("sale-B1").steps[1].failed_attempts == 3);
  // Three records more than the happy way: each failed attempt is in the journal.
  CHECK(world.records("sale-B1") == 5 + 3);
}

TEST_CASE("supervisor: a participant's wish to be left alone is heeded") {
  auto world = a_shop();
  world.add_service("bank");
  timestamp first, second;
  world.participants = [&](const seen_call& call) -> reaction {
    if (call.who != "bank") return reaction::ok();
    if (call.attempt > 1) return second = world.now(), reaction::ok();
    first = world.now();
    return {failure(error{error_kind::overloaded, "busy", "later", "", 1500})};
  };
  REQUIRE(world.start("sale", "B1", two_fruits));
  world.run_until_quiet();
  CHECK(second - first >= 1500ms);
}

TEST_CASE("supervisor: what was given up without an answer is undone too, for it may have happened") {
  auto world = a_shop();
  world.add_service("bank");
  world.participants = [](const seen_call& call) {
    return call.body == "charge B1" ? reaction::act_and_hang() : reaction::ok();
  };
  REQUIRE(world.start("sale", "B1", two_fruits));
  world.run_until_quiet();
  CHECK(world.status("sale-B1") == run::status::compensated);
  CHECK(world.saga("sale-B1").fault->code == "service_timeout");
  CHECK(std::ranges::count(world.effects(), "bank: charge B1") == 1);
  CHECK(std::ranges::count(world.effects(), "bank: refund B1") == 1);
}

TEST_CASE("supervisor: a step that is not done in its time is given up") {
  definition timed = sale();
  timed.steps[1].timeout = 700ms;
  timed.steps[1].retry = linear(300ms, 100);
  auto world = a_shop(timed);
  world.add_service("bank");
  world.participants = [](const seen_call& call) {
    return call.body == "charge B1" ? reaction::fail() : reaction::ok();
  };
  REQUIRE(world.start("sale", "B1", two_fruits));
  world.run_for(650ms);
  CHECK(world.status("sale-B1") == run::status::running);
  world.run_until_quiet();
  CHECK(world.saga("sale-B1").cause == run::cause::failure);
  CHECK(world.saga("sale-B1").fault->code == "step_timeout");
  CHECK(std::ranges::count(world.effects(), "stock/apple: release") == 1);
}

TEST_CASE("supervisor: the deadline undoes everything and frees what was held") {
  definition patient = sale();
  patient.steps[1].retry = linear(1s, 1000, 1s);
  auto world = a_shop(patient);
  world.add_service("bank");
  world.participants = [](const seen_call& call) { return bank_says(call, reaction::fail()); };
  REQUIRE(world.start("sale", "B1", two_fruits));
  const auto begun = world.now();
  world.run_for(29s);
  CHECK(world.status("sale-B1") == run::status::running);
  world.participants = [](const seen_call&) { return reaction::ok(); };
  world.run_until_quiet();
  CHECK(world.status("sale-B1") == run::status::completed);  // it recovered in time

  world.participants = [](const seen_call& call) {
    return call.body == "charge B2" ? reaction::fail() : reaction::ok();
  };
  REQUIRE(world.start("sale", "B2", basket{"B2", {"plum"}}));
  world.run_for(31s);
  CHECK(world.status("sale-B2") == run::status::compensated);
  CHECK(world.saga("sale-B2").cause == run::cause::deadline);
  CHECK(std::ranges::count(world.effects(), "stock/plum: release") == 1);
  CHECK(std::ranges::count(world.effects(), "bank: refund B2") == 1);
  CHECK(std::ranges::count(world.effects(), "order/B2: cancel because saga_deadline") == 1);
  CHECK(begun < world.now());
}

TEST_CASE("supervisor: past the point of no return the saga retries forward and outlives its deadline") {
  auto world = a_shop();
  world.add_service("bank");
  const auto begun = world.now();
  world.participants = [&](const seen_call& call) {
    return call.who == "mail/B1" && world.now() < begun + 60s ? reaction::fail() : reaction::ok();
  };
  definition stubborn = sale();
  stubborn.steps[3].retry = linear(5s, 100, 5s);
  world.install({stubborn});
  world.crash();
  REQUIRE(world.start("sale", "B1", two_fruits));
  world.run_for(40s);
  CHECK(world.status("sale-B1") == run::status::running);
  const auto refused = world.tell("sale-B1", run::cancel{"too late"});
  REQUIRE(!refused);
  CHECK(refused.error().code == "saga_past_point_of_no_return");
  world.run_until_quiet();
  CHECK(world.status("sale-B1") == run::status::completed);
}

TEST_CASE("supervisor: what fails for good past the point of no return is parked, and a redrive asks anew") {
  auto world = a_shop();
  world.add_service("bank");
  bool broken = true;
  world.participants = [&](const seen_call& call) {
    return call.body.starts_with("ship") && broken ? reaction::refuse("no_van") : reaction::ok();
  };
  REQUIRE(world.start("sale", "B1", two_fruits));
  world.run_until_quiet();
  CHECK(world.status("sale-B1") == run::status::parked);
  CHECK(world.saga("sale-B1").fault->code == "no_van");
  CHECK(world.engine().measured.parked.value() == 1);
  REQUIRE(!world.tell("sale-B1", run::cancel{"stop"}));

  broken = false;
  REQUIRE(world.tell("sale-B1", run::redrive{}));
  world.run_until_quiet();
  CHECK(world.status("sale-B1") == run::status::completed);
  CHECK(!world.saga("sale-B1").fault);
  std::vector<std::string> ids;
  for (const auto& call : world.calls())
    if (call.body.starts_with("ship")) ids.push_back(call.id);
  CHECK(ids == strings{"sale-B1#2.0a", "sale-B1#2.0a.1"});
}

TEST_CASE("supervisor: no more calls of a step are under way than it says") {
  basket many{"B1", {}};
  for (int i = 0; i < 40; ++i) many.items.push_back("item" + std::to_string(i));
  saga_world world(
      {saga<basket>("wide", version{1}).step("reserve").at_once(7).for_each(&basket::items, reserve)});
  int under_way = 0, most = 0;
  world.participants = [&](const seen_call&) {
    most = std::max(most, ++under_way);
    world.after(20ms, [&] { --under_way; });
    auto slow = reaction::ok();
    slow.after = 20ms;
    return slow;
  };
  REQUIRE(world.start("wide", "B1", many));
  world.run_until_quiet();
  CHECK(world.status("wide-B1") == run::status::completed);
  CHECK(world.effects().size() == 40);
  CHECK(most <= 7);
  CHECK(most > 1);
}

TEST_CASE("supervisor: an answer of the own entity that goes missing loses nothing and doubles nothing") {
  auto world = a_shop();
  world.add_service("bank");
  int asked = 0;
  world.loses_answer = [&](const runtime::command_request&) { return ++asked % 2 == 1; };
  REQUIRE(world.start("sale", "B1", two_fruits));
  world.run_until_quiet();
  CHECK(world.status("sale-B1") == run::status::completed);
  CHECK(world.effects().size() == 6);
}

TEST_CASE("supervisor: a service that the node does not have is a failure like another") {
  auto world = a_shop();
  REQUIRE(world.start("sale", "B1", two_fruits));
  world.run_until_quiet();
  CHECK(world.status("sale-B1") == run::status::parked);
}

}  // namespace
}  // namespace bv::sagas::testing
