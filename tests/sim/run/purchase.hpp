#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <utility>

#include "sim/run/run.hpp"

namespace bv::sim::testing {

/// One customer buys two mugs of ten.
inline plan one_purchase() {
  using namespace std::chrono_literals;
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

/// A run of a plan that is right, whatever comes of it.
inline run_outcome run_plan_here(const plan& what, const std::string& folder = {}) {
  auto outcome = run(what, {.tracing = {.keep = true}, .folder = folder});
  const auto problem = outcome ? std::string() : describe(outcome.error());
  REQUIRE_MESSAGE(outcome.has_value(), problem);
  return *std::move(outcome);
}

/// … which breaks nothing.
inline run_outcome run_well(const plan& what, const std::string& folder = {}) {
  auto outcome = run_plan_here(what, folder);
  for (const auto& broken : outcome.violations) MESSAGE(broken.invariant << ": " << broken.what);
  if (!outcome.ok())
    for (const auto& line : outcome.what_happened.lines()) MESSAGE(to_rfc3339(line.at) << " " << line.where << ": " << line.what);
  CHECK(outcome.ok());
  return outcome;
}

}  // namespace bv::sim::testing
