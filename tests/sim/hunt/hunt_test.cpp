#include "sim/hunt/hunt.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace bv;
using namespace bv::sim;

namespace {

/// One purchase; `more` is added to the file.
scenario purchase(const std::string& more) {
  auto read = read_scenario(R"(
name = "purchase"
[phases]
chaos = "5s"
[[shelf]]
sku = "MUG"
[[client]]
name = "ada"
steps = [ { ask = "cart/ada", command = "addItem", body = '{"sku": "MUG", "quantity": 2}' } ]
[[expect]]
entity = "cart/ada"
path = "lines.0.quantity"
)" + more,
                            "purchase.toml");
  const auto problem = read ? std::string() : describe(read.error());
  REQUIRE_MESSAGE(read.has_value(), problem);
  return *std::move(read);
}

const mutant nothing{.which = mutation::none, .name = "nothing", .what = "No bug.", .invariant = "", .scenarios = {}};

hunted hunt_in(std::vector<scenario> scenarios, double cpu_seconds_max) {
  auto caught = hunt(nothing, {.scenarios = scenarios, .cpu_seconds_max = cpu_seconds_max, .campaign = {}});
  const auto problem = caught ? std::string() : describe(caught.error());
  REQUIRE_MESSAGE(caught.has_value(), problem);
  return *std::move(caught);
}

}  // namespace

TEST_CASE("hunt: code without a bug breaks nothing until the budget is used up") {
  const auto caught = hunt_in({purchase("in = [2]")}, 0.2);
  CHECK_FALSE(caught.found);
  CHECK(caught.cpu_seconds >= 0.2);
  CHECK(caught.seeds_tried > 1);
}

TEST_CASE("hunt: the first surprise is what is found, with the seed and a smaller plan") {
  const auto caught = hunt_in({purchase("in = [2]"), purchase("in = [3]")}, 10);
  REQUIRE(caught.found);
  CHECK(caught.invariant == "expected");
  CHECK(caught.scenario == "purchase");
  CHECK(caught.seed == 1);
  CHECK(caught.seeds_tried == 2);
  CHECK(caught.size_shrunk <= caught.size);
}

TEST_CASE("hunt: what a scenario is there to break is no surprise, anything else is") {
  auto expecting = purchase("in = [3]");
  expecting.expected.violation = "expected";
  seed_outcome as_it_says{.seed = 1, .violations = {{"expected", "", {}}}};
  seed_outcome other{.seed = 1, .violations = {{"never_oversold", "", {}}}};
  CHECK_FALSE(is_surprise(expecting, as_it_says));
  CHECK(is_surprise(expecting, other));
  CHECK(is_surprise(expecting, seed_outcome{}));
  CHECK(is_surprise(purchase("in = [2]"), other));
  CHECK_FALSE(is_surprise(purchase("in = [2]"), seed_outcome{}));
}
