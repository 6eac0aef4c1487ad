#include "sim/trace/time_text.hpp"

#include <fmt/format.h>

#include <array>

namespace bv::sim {

using namespace std::chrono;

std::string offset_text(duration since_beginning) {
  if (since_beginning < duration{}) return "-" + offset_text(-since_beginning);
  const auto whole_days = floor<days>(since_beginning);
  const hh_mm_ss clock{floor<microseconds>(since_beginning - whole_days)};
  std::string text;
  if (whole_days.count() != 0) text += fmt::format("{}d ", whole_days.count());
  if (!text.empty() || clock.hours().count() != 0) text += fmt::format("{:02}:", clock.hours().count());
  return text + fmt::format("{:02}:{:02}.{:06}", clock.minutes().count(), clock.seconds().count(),
                            clock.subseconds().count());
}

std::string length_text(duration length) {
  struct unit {
    duration size;
    std::string_view one, many;
  };
  constexpr std::array<unit, 5> units{
      {{days{1}, "day", "days"}, {hours{1}, "h", "h"}, {minutes{1}, "min", "min"}, {seconds{1}, "s", "s"},
       {milliseconds{1}, "ms", "ms"}}};
  for (std::size_t i = 0; i < units.size(); ++i) {
    const auto count = length / units[i].size;
    if (count == 0) continue;
    auto text = fmt::format("{} {}", count, count == 1 ? units[i].one : units[i].many);
    const auto rest = i + 2 < units.size() ? length % units[i].size / units[i + 1].size : 0;
    if (rest != 0) text += fmt::format(" {} {}", rest, units[i + 1].one);
    return text;
  }
  return fmt::format("{} µs", length / microseconds{1});
}

}  // namespace bv::sim
