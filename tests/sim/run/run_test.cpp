#include "sim/run/run.hpp"

#include <doctest/doctest.h>

#include <chrono>

using namespace bv;
using namespace bv::sim;
using namespace std::chrono_literals;

namespace {

/// One customer buys two mugs.
plan one_purchase() {
  plan made;
  made.scenario = "one_purchase";
  made.shelves = {{.sku = "MUG-1", .stock = 10, .price_minor = 1250}};
  made.processor.approve_percent = 100;
  made.time = {.warm_up = 0s, .chaos = 5s, .settle_max = 2min};
  made.clients = {{.name = "ada",
                   .user = {},
                   .steps = {ask_step{.entity = "cart/ada", .command = "addItem", .body = R"({"sku":"MUG-1","quantity":2})"},
                             ask_step{.entity = "cart/ada", .command = "checkout", .body = R"({"orderId":"o1"})"},
                             await_step{.entity = "order/o1", .path = "status", .values = {"paid"}, .required = true},
                             ask_step{.entity = "order/o1", .command = "ship"},
                             ask_step{.entity = "order/o1", .command = "deliver"}}}};
  made.expectations = {{"order/o1", "status", {"delivered"}}, {"inventory/MUG-1", "available", {"8"}}};
  return made;
}

run_outcome run_well(const plan& what) {
  auto outcome = run(what, {.tracing = {.keep = true}, .folder = {}});
  const auto problem = outcome ? std::string() : describe(outcome.error());
  REQUIRE_MESSAGE(outcome.has_value(), problem);
  for (const auto& broken : outcome->violations) MESSAGE(broken.invariant << ": " << broken.what);
  if (!outcome->ok())
    for (const auto& line : outcome->what_happened.lines()) MESSAGE(to_rfc3339(line.at) << " " << line.where << ": " << line.what);
  return *std::move(outcome);
}

}  // namespace

TEST_CASE("run: an undisturbed purchase is delivered") {
  const auto outcome = run_well(one_purchase());
  CHECK(outcome.ok());
  CHECK(outcome.commands_accepted == 5);
  CHECK(outcome.sagas_ended == 1);
}

TEST_CASE("run: the same plan gives the same run, another seed another one") {
  auto what = one_purchase();
  const auto first = run_well(what), again = run_well(what);
  CHECK(first.hash == again.hash);
  CHECK(first.turns == again.turns);
  what.seed = 2;
  CHECK(run_well(what).hash != first.hash);
}
