#include <doctest/doctest.h>

#include "tests/sim/checkers/history.hpp"

namespace bv::sim::testing {
namespace {

TEST_CASE("checkers: a plan that names no invariant gets all there are") {
  const auto made = make_checkers(plan{});
  REQUIRE(made.has_value());
  const auto all = all_invariants();
  REQUIRE(made->size() == all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    CHECK((*made)[i]->name() == all[i].name);
    CHECK(all[i].says.ends_with('.'));
  }
}

TEST_CASE("checkers: a plan gets the invariants that it names") {
  plan of;
  of.invariants = {"log_sound", "never_oversold"};
  const auto made = make_checkers(of);
  REQUIRE(made.has_value());
  REQUIRE(made->size() == 2);
  CHECK((*made)[0]->name() == "never_oversold");
  CHECK((*made)[1]->name() == "log_sound");
}

TEST_CASE("checkers: a misspelt invariant is refused, with the one that was meant") {
  plan of;
  of.invariants = {"never_oversoled"};
  const auto made = make_checkers(of);
  REQUIRE(!made.has_value());
  CHECK(made.error().code == "invariant_unknown");
  CHECK(made.error().message.find("'never_oversold'") != std::string::npos);
  of.invariants = {"world_peace"};
  CHECK(make_checkers(of).error().code == "invariant_unknown");
}

TEST_CASE("checkers: a good day in the shop breaks no invariant") {
  history h;
  stock(h);
  sell(h, "O1");
  undo(h, "O2");
  sell(h, "O3");
  for (const auto& one : all_invariants()) {
    const auto found = h.judge_by(std::string(one.name));
    CHECK_MESSAGE(found.empty(), one.name, ": ", text_of(found));
  }
}

TEST_CASE("checkers: one invariant complains a bounded number of times") {
  history h;
  for (int i = 0; i < 1000; ++i) h.log<inventory::contract>("MUG", {inventory::reserved{std::to_string(i), 1, h.now() + 5min}});
  CHECK(h.judge_by("never_oversold").size() == 20);
}

}  // namespace
}  // namespace bv::sim::testing
