#pragma once

#include <string>

#include "sim/trace/run_report.hpp"

namespace bv::sim {

/// A run for the terminal: what it was, what was broken, how to see it again, and its timeline in aligned columns. Times
/// are virtual, from the world's beginning. `>>` marks faults and `!!` broken invariants; with `colour` they stand out by
/// ANSI colours too (the caller decides, by NO_COLOR and isatty). Control characters in texts are shown as �.
std::string render_text(const run_report& report, bool colour);

/// Only the timeline.
std::string render_timeline(const run_report& report, bool colour);

}  // namespace bv::sim
