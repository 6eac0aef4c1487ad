#pragma once

#include <string>

#include "sim/plan/scenario.hpp"

namespace bv::sim {

/// What a plan doesn't know and a file says.
struct file_head {
  std::string about;
  expected_verdict expected;
};

/// A scenario file with nothing left to draw: whatever the seed, it gives this plan again (with that seed). Says only what
/// differs from the defaults. The plan must be one that check_scenario() has nothing against.
std::string write_scenario(plan what, const file_head& head = {});

}  // namespace bv::sim
