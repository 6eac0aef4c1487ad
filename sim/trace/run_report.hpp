#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sim/trace/trace.hpp"

namespace bv::sim {

/// What people see of one run. A view for the time of rendering: `lines` lives elsewhere, usually in the run's trace.
struct run_report {
  std::string scenario;
  std::uint64_t seed = 0;
  bool failed = false;
  std::string verdict;                   ///< "ok", "failed", or a sentence
  std::string hash;
  std::string replay;                    ///< the one command that runs it again
  timestamp beginning;                   ///< of the world; times are shown as from here
  std::vector<std::string> violations;   ///< each a sentence
  std::span<const trace_line> lines;     ///< in the order of time
  std::uint64_t dropped_lines = 0;       ///< that were not kept
  std::string shrunk;                    ///< the smaller scenario that fails as well, as its file; or empty
};

}  // namespace bv::sim
