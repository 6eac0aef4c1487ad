#pragma once

#include <string>

#include "sim/plan/scenario.hpp"

namespace bv::tools {

/// Reads a scenario: a file of that name, or else a shipped one. Errors: `scenario_not_found` with the nearest shipped name,
/// and those of read_scenario.
result<sim::scenario> find_scenario(const std::string& file_or_name);

}  // namespace bv::tools
