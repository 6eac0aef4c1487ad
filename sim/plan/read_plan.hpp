#pragma once

#include <cstdint>
#include <vector>

#include "sim/plan/scenario.hpp"

namespace bv::sim {

/// One seed's reading of a file: reading and drawing are one thing, so that nothing can be drawn that was not checked.
struct read_file {
  scenario head;  ///< without `source`
  plan drawn;
  std::vector<problem> problems;  ///< in the order of the file
};
read_file read_plan(const table& root, std::uint64_t seed);

}  // namespace bv::sim
