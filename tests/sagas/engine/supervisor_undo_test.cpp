#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>

#include "tests/sagas/engine/saga_world.hpp"
#include "tests/sagas/engine/shop.hpp"

namespace bv::sagas::testing {
namespace {

using namespace std::chrono_literals;

TEST_CASE("supervisor: an undo is retried until it is done") {
  auto world = a_shop();
  world.add_service("bank");
  world.participants = [](const seen_call& call) {
    if (call.who == "bank") return reaction::refuse("card_declined");
    return call.body == "release" && call.attempt < 9 ? reaction::fail() : reaction::ok();
  };
  REQUIRE(world.start("sale", "B1", two_fruits));
  world.run_until_quiet();
  CHECK(world.status("sale-B1") == run::status::compensated);
  CHECK(std::ranges::count(world.effects(), "stock/pear: release") == 1);
}

TEST_CASE("supervisor: an undo that can't be done parks the saga; redrive goes on undoing, discard ends it") {
  definition sold = sale();
  sold.steps[0].undo_retry = linear(1s, 3);
  auto world = a_shop(sold);
  world.add_service("bank");
  bool broken = true;
  world.participants = [&](const seen_call& call) {
    if (call.who == "bank") return reaction::refuse("card_declined");
    return call.body == "release" && broken ? reaction::fail() : reaction::ok();
  };
  REQUIRE(world.start("sale", "B1", two_fruits));
  REQUIRE(world.start("sale", "B2", basket{"B2", {"fig"}}));
  world.run_until_quiet();
  CHECK(world.status("sale-B1") == run::status::parked);
  CHECK(world.saga("sale-B1").steps[0].fault->code == "out_of_order");
  CHECK(world.saga("sale-B1").fault->code == "card_declined");  // why it is undone, not why that failed
  broken = false;
  REQUIRE(world.tell("sale-B1", run::redrive{}));
  REQUIRE(world.tell("sale-B2", run::discard{"put right by hand"}));
  world.run_until_quiet();
  CHECK(world.status("sale-B1") == run::status::compensated);
  CHECK(world.status("sale-B2") == run::status::discarded);
  CHECK(std::ranges::count(world.effects(), "stock/apple: release") == 1);
  CHECK(std::ranges::count(world.effects(), "stock/fig: release") == 0);
  CHECK(world.tell("sale-B1", run::redrive{}).error().code == "saga_not_parked");
}

TEST_CASE("supervisor: an undo takes back what may still be on its way to the same entity") {
  auto world = a_shop();
  world.add_service("bank");
  world.participants = [](const seen_call& call) {
    if (call.who == "bank") return reaction::refuse("card_declined");
    return reaction::ok();
  };
  REQUIRE(world.start("sale", "B1", two_fruits));
  world.run_until_quiet();
  std::map<std::string, std::string> asked, undone;
  for (const auto& call : world.calls()) {
    if (call.body == "release") undone[call.who] = call.voids;
    if (call.body == "reserve") asked[call.who] = call.id;
    CHECK((call.body == "release" || call.voids.empty() || call.who.starts_with("order/")));
  }
  CHECK(undone.size() == 2);
  CHECK(undone == asked);
}

TEST_CASE("supervisor: a cancel waits for what is under way, then undoes it") {
  auto world = a_shop();
  world.add_service("bank");
  world.participants = [](const seen_call& call) {
    auto slow = reaction::ok();
    slow.after = 2s;
    return call.body == "charge B1" ? slow : reaction::ok();
  };
  REQUIRE(world.start("sale", "B1", two_fruits));
  world.run_for(1s);
  REQUIRE(world.tell("sale-B1", run::cancel{"changed my mind"}));
  world.run_for(500ms);
  CHECK(world.times_called("refund B1") == 0);  // it could overtake the charge
  world.run_until_quiet();
  CHECK(world.status("sale-B1") == run::status::cancelled);
  CHECK(std::ranges::count(world.effects(), "bank: refund B1") == 1);
  CHECK(std::ranges::count(world.effects(), "order/B1: cancel because changed my mind") == 1);
  CHECK(world.tell("sale-B1", run::cancel{"again"}).error().code == "saga_over");
}

TEST_CASE(
    "supervisor: between a cancel and the last step the journal's order decides, whenever the cancel comes") {
  for (const auto journaled : {progress::every_step, progress::checkpoints}) {
    for (int steps = 0; steps < 60; ++steps) {
      CAPTURE(steps);
      definition sold = sale();
      sold.journaled = journaled;
      auto world = a_shop(sold);
      world.add_service("bank");
      REQUIRE(world.start("sale", "B1", two_fruits));
      for (int i = 0; i < steps; ++i) world.step();
      const auto accepted = world.tell("sale-B1", run::cancel{"stop"}).has_value();
      world.run_until_quiet();
      const auto ended = world.status("sale-B1");
      CHECK(ended == (accepted ? run::status::cancelled : run::status::completed));
      const auto count = [&](const char* what) { return std::ranges::count(world.effects(), what); };
      if (accepted) {
        CHECK(count("stock/apple: release") == 1);
        CHECK(count("mail/B1: thank") == 0);
        CHECK(count("bank: refund B1") >= count("bank: charge B1"));
      } else {
        CHECK(count("stock/apple: release") == 0);
        CHECK(count("mail/B1: thank") == 1);
      }
    }
  }
}

}  // namespace
}  // namespace bv::sagas::testing
