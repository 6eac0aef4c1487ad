#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/plan/scenario.hpp"

namespace bv::sim {

/// One seed's reading of a file: reading and drawing are one thing, so that nothing can be drawn that was not checked.
struct read_file {
  scenario head;  ///< without `source`
  plan drawn;
  std::vector<problem> problems;  ///< in the order of the file
  /// Every key that was looked for, there or not, with its table: what the documentation must name.
  std::set<std::pair<std::string, std::string>> known;
};
read_file read_plan(const table& root, std::uint64_t seed);

}  // namespace bv::sim
