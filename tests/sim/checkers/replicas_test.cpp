// covers: sim/checkers/replicas.cpp
#include <doctest/doctest.h>

#include "sim/observe/breach.hpp"
#include "tests/sim/checkers/history.hpp"

namespace bv::sim::testing {
namespace {

TEST_CASE("replicas: each breach is reported under its own name, and under no other") {
  constexpr timestamp at{5};
  for (const auto name : {breach::replicas_agree, breach::commits_are_safe, breach::promises_kept, breach::one_leader_a_term}) {
    CAPTURE(name);
    const plan of;
    const auto all = make_checkers(of);
    REQUIRE(all.has_value());
    std::vector<violation> found;
    for (const auto& one : *all) one->on_breach(name, "n1 says so", at, found);
    CHECK(found == std::vector<violation>{{std::string(name), "n1 says so", at}});
  }
}

TEST_CASE("replicas: a plan that asks for other invariants does not hear of it") {
  plan of;
  of.invariants = {"log_sound", "promises_kept"};
  const auto some = make_checkers(of);
  REQUIRE(some.has_value());
  std::vector<violation> found;
  for (const auto& one : *some) one->on_breach(breach::replicas_agree, "n1 says so", {}, found);
  CHECK(found.empty());
  for (const auto& one : *some) one->on_breach(breach::promises_kept, "n1 says so", {}, found);
  CHECK(found.size() == 1);
}

TEST_CASE("replicas: what goes on being broken is said a bounded number of times") {
  const plan of;
  const auto all = make_checkers(of);
  std::vector<violation> found;
  for (int i = 0; i < 1000; ++i)
    for (const auto& one : *all) one->on_breach(breach::replicas_agree, "n1 says so", {}, found);
  CHECK(found.size() == 20);
}

}  // namespace
}  // namespace bv::sim::testing
