#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "sim/trace/trace.hpp"

namespace bv::sim {

/// What tells the end of a fault: the text of the line that told its beginning, after this, at the same place. A fault
/// without such a line struck in a moment.
inline constexpr std::string_view fault_over = "over: ";

/// A time during which something was broken.
struct fault_band {
  std::size_t first, last;  ///< the lines that tell its beginning and end
};

/// The faults that lasted, in the order of their beginning. A node that "crashes" is down until it "starts", or to the
/// last line.
std::vector<fault_band> fault_bands(std::span<const trace_line> lines);

}  // namespace bv::sim
