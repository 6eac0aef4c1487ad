#pragma once

#include <string>

#include "sim/trace/run_report.hpp"

namespace bv::sim {

/// A run as one HTML page that needs nothing else, no network either: what it was, what was broken, how to see it again,
/// a lane for each place on the axis of virtual time, and all lines as a table. Any text may be in the report: none of
/// it becomes markup or script.
std::string render_html(const run_report& report);

}  // namespace bv::sim
