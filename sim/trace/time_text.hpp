#pragma once

#include <string>

#include "protocols/schema/base/time.hpp"

namespace bv::sim {

/// Time since the world's beginning, to the microsecond: "00:05.125300", "01:00:05.125300", "29d 01:00:05.125300".
std::string offset_text(duration since_beginning);

/// About how long something takes, in the two largest units that count: "29 days 3 h", "5 min", "12 s", "250 ms".
std::string length_text(duration length);

/// Nothing happens for so long: worth a mark of its own.
inline constexpr duration quiet_min = std::chrono::seconds{10};

}  // namespace bv::sim
