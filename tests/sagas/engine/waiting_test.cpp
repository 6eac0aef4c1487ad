// What supervisors wait for: signals, other sagas, and a definition that is gone.
// covers: sagas/engine/supervisor_calls.cpp
#include <doctest/doctest.h>

#include <algorithm>

#include "sagas/engine/core.hpp"
#include "tests/sagas/engine/saga_world.hpp"
#include "tests/sagas/engine/shop.hpp"

namespace bv::sagas::testing {
namespace {

using namespace std::chrono_literals;


TEST_CASE("supervisor: a step waits for its signal and gets what came with it") {
  auto world =
      a_shop(saga<basket>("approval", version{1})
                 .deadline(1h)
                 .step("reserve")
                 .call(place)
                 .or_else_undo(unplace)
                 .step("approve")
                 .await_signal("approved")
                 .timeout(10min)
                 .step("charge")
                 .call(+[](const basket& b, const story& so_far) {
                   return request("bank", "charge " + b.id + " by " + so_far.answer("approve").value_or("?"));
                 }));
  world.add_service("bank");
  REQUIRE(world.start("approval", "B1", two_fruits));
  world.run_for(5min);
  CHECK(world.saga("approval-B1").awaited_signal == "approved");
  CHECK(!is_active(world.saga("approval-B1")));
  REQUIRE(world.tell("approval-B1", run::receive{"something-else", ""}));
  world.run_for(1min);
  CHECK(world.status("approval-B1") == run::status::running);
  REQUIRE(world.tell("approval-B1", run::receive{"approved", "Ann"}));
  world.run_for(1s);
  CHECK(world.status("approval-B1") == run::status::completed);
  CHECK(world.effects().back() == "bank: charge B1 by Ann");

  // One that comes early waits for its step; one that never comes ends the saga.
  REQUIRE(world.start("approval", "B2", basket{"B2", {}}));
  REQUIRE(world.tell("approval-B2", run::receive{"approved", "Bob"}));
  REQUIRE(world.start("approval", "B3", basket{"B3", {}}));
  world.run_for(11min);
  CHECK(world.status("approval-B2") == run::status::completed);
  CHECK(world.status("approval-B3") == run::status::compensated);
  CHECK(world.saga("approval-B3").fault->code == "signal_timeout");
  CHECK(world.effects().back() == "order/B3: cancel because signal_timeout");
}

TEST_CASE("supervisor: a restart does not take the deadline away") {
  auto world = a_shop(saga<basket>("approval", version{1})
                          .deadline(1h)
                          .step("reserve")
                          .call(place)
                          .or_else_undo(unplace)
                          .step("approve")
                          .await_signal("approved"));
  REQUIRE(world.start("approval", "B1", two_fruits));
  world.run_for(30min);
  world.crash();
  world.run_for(29min);
  CHECK(world.status("approval-B1") == run::status::running);
  world.run_for(2min);
  CHECK(world.status("approval-B1") == run::status::compensated);
  CHECK(world.saga("approval-B1").fault->code == "saga_deadline");
}

definition party() {
  return saga<basket>("party", version{1})
      .deadline(10min)
      .step("buy")
      .for_each(
          &basket::items,
          +[](const basket& b, const std::string& item) {
            return to_saga("sale", b.id + "-" + item, basket{b.id + "-" + item, {item}});
          })
      .step("invite")
      .call(thank);
}

TEST_CASE("supervisor: a saga is done with a step when the sagas that it started are completed") {
  saga_world world({sale(), party()});
  world.add_service("bank");
  REQUIRE(world.start("party", "P1", basket{"P1", {"cake", "wine"}}));
  world.run_for(5s);
  CHECK(world.status("sale-P1-cake") == run::status::completed);
  CHECK(world.status("sale-P1-wine") == run::status::completed);
  CHECK(world.status("party-P1") == run::status::completed);
  CHECK(!is_active(world.saga("sale-P1-wine")));
  CHECK(world.effects().back() == "mail/P1: thank");
}

TEST_CASE("supervisor: a saga tells of its end until the news has arrived") {
  saga_world world({sale(), party()});
  world.add_service("bank");
  int lost = 0;
  world.loses_command = [&](const runtime::command_request& request) {
    run::command asked;
    REQUIRE(run::contract::decode(request.command, asked));
    return std::holds_alternative<run::member_ends>(asked) && ++lost <= 3;
  };
  REQUIRE(world.start("party", "P1", basket{"P1", {"cake"}}));
  world.run_for(1min);
  CHECK(lost == 4);
  CHECK(world.status("party-P1") == run::status::completed);
  CHECK(!is_active(world.saga("sale-P1-cake")));
}

TEST_CASE("supervisor: if one of the started sagas fails, the others are cancelled with their parent") {
  saga_world world({sale(), party()});
  world.add_service("bank");
  world.participants = [](const seen_call& call) {
    if (call.who == "stock/wine") return reaction::refuse("out_of_stock");
    return call.body == "charge P1-cake" ? reaction::hang() : reaction::ok();
  };
  REQUIRE(world.start("party", "P1", basket{"P1", {"cake", "wine"}}));
  world.run_until_quiet();
  CHECK(world.status("sale-P1-wine") == run::status::compensated);
  CHECK(world.status("sale-P1-cake") == run::status::cancelled);
  CHECK(world.status("party-P1") == run::status::compensated);
  CHECK(world.saga("party-P1").fault->code == "out_of_stock");
}

TEST_CASE("supervisor: a saga may wait for the end of another, or cancel it, or find that there is none") {
  const auto stop = [](auto wish) {
    return saga<basket>("stop", version{1})
        .deadline(5min)
        .step("stop the sale")
        .call(wish)
        .step("tell")
        .call(+[](const basket& b, const story& so_far) {
          return command("mail", b.id, "the sale was " + so_far.answer("stop the sale").value_or("?"));
        });
  };
  const auto cancel = +[](const basket& b) { return to_cancel("sale", b.id, "stop it"); };
  const auto wait = +[](const basket& b) { return to_end_of("sale", b.id); };
  for (const bool cancels : {true, false}) {
    saga_world world({sale(), stop(cancels ? cancel : wait)});
    world.add_service("bank");
    world.participants = [](const seen_call& call) {
      auto slow = reaction::ok();
      slow.after = 3s;
      return call.body == "charge B1" ? slow : reaction::ok();
    };
    REQUIRE(world.start("sale", "B1", two_fruits));
    world.run_for(1s);
    REQUIRE(world.start("stop", "B1", two_fruits));
    REQUIRE(world.start("stop", "B9", basket{"B9", {}}));
    world.run_until_quiet();
    CHECK(world.status("sale-B1") == (cancels ? run::status::cancelled : run::status::completed));
    CHECK(world.status("stop-B1") == run::status::completed);
    const auto expected = std::string("mail/B1: the sale was ") + (cancels ? "cancelled" : "completed");
    CHECK(std::ranges::count(world.effects(), expected) == 1);
    CHECK(std::ranges::count(world.effects(), "mail/B9: the sale was unstarted") == 1);
  }
}

TEST_CASE("supervisor: a saga ends on the version that it began with") {
  definition second = sale();
  second.version = 2;
  second.steps.pop_back();  // nobody is thanked any more
  auto world = a_shop();
  world.add_service("bank");
  world.participants = [](const seen_call& call) {
    auto slow = reaction::ok();
    slow.after = 2s;
    return call.who == "bank" ? slow : reaction::ok();
  };
  REQUIRE(world.start("sale", "B1", two_fruits));
  world.run_for(1s);
  world.install({sale(), second});
  world.crash();
  REQUIRE(world.start("sale", "B2", basket{"B2", {}}));
  world.run_until_quiet();
  CHECK(world.saga("sale-B1").version == 1);
  CHECK(world.saga("sale-B2").version == 2);
  CHECK(std::ranges::count(world.effects(), "mail/B1: thank") == 1);
  CHECK(std::ranges::count(world.effects(), "mail/B2: thank") == 0);
}

TEST_CASE("supervisor: a saga whose version is gone is parked with the reason, and goes on once it is back") {
  auto world = a_shop();
  world.add_service("bank");
  REQUIRE(world.start("sale", "B1", two_fruits));
  definition second = sale();
  second.version = 2;
  world.install({second});
  world.crash();
  world.run_for(1s);
  CHECK(world.status("sale-B1") == run::status::parked);
  CHECK(world.saga("sale-B1").fault->code == "saga_definition_unknown");
  world.install({sale(), second});
  world.crash();
  REQUIRE(world.tell("sale-B1", run::redrive{}));
  world.run_until_quiet();
  CHECK(world.status("sale-B1") == run::status::completed);
}

}  // namespace
}  // namespace bv::sagas::testing
