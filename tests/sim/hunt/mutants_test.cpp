// covers: protocols/schema/base/mutation.cpp
#include "sim/hunt/mutants.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>

using namespace bv;
using namespace bv::sim;

namespace {

const std::set<std::string_view> invariants{"money_conserved", "never_oversold", "acknowledged_once", "log_sound",
                                            "sagas_end",       "timers_fire",    "linearizable",      "last_state_is_the_log",
                                            "read_models_follow", "bounded_memory", "expected",       "awaited",
                                            "replicas_agree",  "commits_are_safe", "promises_kept",   "one_leader_a_term",
                                            "stale_is_committed",
                                            // of a run itself, not of a checker
                                            "settles", "crashes", "answered"};

}  // namespace

TEST_CASE("mutants: they are listed in the order of the enumeration, none left out") {
  auto expected = static_cast<int>(mutation::none);
  for (const auto& one : all_mutants()) CHECK(static_cast<int>(one.which) == ++expected);
  CHECK(static_cast<int>(mutation::step_asked_from_the_start) == expected);
}

TEST_CASE("mutants: each can be found by its name, and no two share one") {
  std::set<std::string_view> names;
  for (const auto& one : all_mutants()) {
    CAPTURE(one.name);
    CHECK(names.insert(one.name).second);
    CHECK(mutation_called(one.name) == one.which);
  }
  CHECK(mutation_called("none") == std::nullopt);
  CHECK(mutation_called("") == std::nullopt);
}

TEST_CASE("mutants: each says what it does, what it breaks and where that can be seen") {
  for (const auto& one : all_mutants()) {
    CAPTURE(one.name);
    CHECK(one.what.ends_with("."));
    CHECK(invariants.contains(one.invariant));
    CHECK_FALSE(one.scenarios.empty());
    for (const auto& name : one.scenarios) {
      CAPTURE(name);
      CHECK(std::filesystem::exists(BV_SCENARIOS "/" + std::string(name) + ".toml"));
    }
  }
}

TEST_CASE("mutants: at least twenty can be seen in the tier that is exact to the bit") {
  CHECK(std::ranges::count(all_mutants(), false, &mutant::needs_files) >= 20);
}

#ifdef BV_MUTANTS

TEST_CASE("mutation: only the one that was chosen is there") {
  for (const auto& planted : all_mutants()) {
    choose_mutation(planted.which);
    for (const auto& one : all_mutants()) CHECK(mutated(one.which) == (one.which == planted.which));
  }
  choose_mutation(mutation::none);
  for (const auto& one : all_mutants()) CHECK_FALSE(mutated(one.which));
}

#else

// Each is a constant, so that no compiler leaves a trace of it.
static_assert(!mutants_compiled_in && !mutated(mutation::acknowledge_before_fsync));

#endif
