#pragma once

#include <string>
#include <string_view>

#include "protocols/schema/base/result.hpp"
#include "sim/plan/plan.hpp"

/// How scenario files write time: a whole number and one unit, "300ms", "30m", "-2s".
namespace bv::sim {

/// Units: ns, us, ms, s, m, h, d; "0" needs none. Error `bad_duration`.
result<duration> parse_duration(std::string_view text);
/// In the largest unit that gives a whole number.
std::string to_text(duration time);

/// "5ms..2s", or one duration for both ends. Error `bad_duration`.
result<span> parse_span(std::string_view text);
std::string to_text(const span& between);

}  // namespace bv::sim
