#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "protocols/schema/base/result.hpp"

namespace bv {

using duration = std::chrono::nanoseconds;

/// A moment: nanoseconds since 1970-01-01T00:00:00Z (leap seconds ignored). 0 means "never" where a
/// moment is optional.
struct timestamp {
  std::int64_t ns = 0;

  friend constexpr auto operator<=>(timestamp, timestamp) = default;
  friend constexpr timestamp operator+(timestamp t, duration d) { return {t.ns + d.count()}; }
  friend constexpr timestamp operator-(timestamp t, duration d) { return {t.ns - d.count()}; }
  friend constexpr duration operator-(timestamp a, timestamp b) { return duration{a.ns - b.ns}; }
};

/// RFC 3339 in UTC with nanoseconds, trailing zeros cut: `2026-11-21T08:00:00.25Z`.
std::string to_rfc3339(timestamp moment);

/// Accepts RFC 3339 with `Z` or a numeric offset; the error names what is wrong.
result<timestamp> parse_rfc3339(std::string_view text);

}  // namespace bv
