#pragma once

#include <span>
#include <string_view>

namespace bv::sim {

/// A scenario that the program brings along: a file of sim/scenarios.
struct shipped_scenario {
  std::string_view name;  ///< "happy_path"
  std::string_view file;  ///< "happy_path.toml"
  std::string_view text;
};

/// By name.
std::span<const shipped_scenario> shipped_scenarios();

}  // namespace bv::sim
