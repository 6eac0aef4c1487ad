#include "sim/plan/times.hpp"

#include <array>
#include <charconv>
#include <cstdint>

namespace bv::sim {
namespace {

struct unit {
  std::string_view name;
  std::int64_t ns;
};
/// Largest first.
constexpr std::array<unit, 7> units{{{"d", 86'400'000'000'000},
                                     {"h", 3'600'000'000'000},
                                     {"m", 60'000'000'000},
                                     {"s", 1'000'000'000},
                                     {"ms", 1'000'000},
                                     {"us", 1'000},
                                     {"ns", 1}}};

tl::unexpected<error> bad(std::string_view text) {
  return failure(error_kind::invalid, "bad_duration",
                 "\"" + std::string(text) +
                     "\" is no duration; one is a whole number and a unit (ns, us, ms, s, m, h, d), as \"300ms\"");
}

}  // namespace

result<duration> parse_duration(std::string_view text) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, fault] = std::from_chars(text.data(), end, number);
  if (fault != std::errc{}) return bad(text);
  const std::string_view name(stopped, static_cast<std::size_t>(end - stopped));
  if (number == 0 && name.empty()) return duration{};
  for (const auto& each : units) {
    if (each.name != name) continue;
    std::int64_t ns = 0;
    if (__builtin_mul_overflow(number, each.ns, &ns)) return bad(text);
    return duration{ns};
  }
  return bad(text);
}

std::string to_text(duration time) {
  const auto ns = time.count();
  if (ns == 0) return "0s";
  for (const auto& each : units)
    if (ns % each.ns == 0) return std::to_string(ns / each.ns).append(each.name);
  return {};
}

result<span> parse_span(std::string_view text) {
  const auto dots = text.find("..");
  if (dots == std::string_view::npos) {
    BV_ASSIGN(const auto both, parse_duration(text));
    return span{both, both};
  }
  BV_ASSIGN(const auto min, parse_duration(text.substr(0, dots)));
  BV_ASSIGN(const auto max, parse_duration(text.substr(dots + 2)));
  if (max < min)
    return failure(error_kind::invalid, "bad_duration",
                   "\"" + std::string(text) + "\" ends before it begins; write the shorter duration first");
  return span{min, max};
}

std::string to_text(const span& between) {
  return between.min == between.max ? to_text(between.min) : to_text(between.min) + ".." + to_text(between.max);
}

}  // namespace bv::sim
