#include "sim/hunt/json_numbers.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace bv::sim {
namespace {

/// Where the string that begins at `at` ends: behind its closing quote.
std::size_t behind_string(std::string_view json, std::size_t at) {
  for (++at; at < json.size() && json[at] != '"'; ++at) {
    if (json[at] == '\\') ++at;
  }
  return at + 1;
}

}  // namespace

bool change_number(std::string& json, std::size_t which, const std::function<bool(std::int64_t&)>& change) {
  constexpr std::string_view of_numbers = "+-.0123456789eE";
  constexpr std::string_view begins = "-0123456789";
  for (std::size_t at = 0; at < json.size();) {
    if (json[at] == '"') {
      at = behind_string(json, at);
      continue;
    }
    if (begins.find(json[at]) == std::string_view::npos) {
      ++at;
      continue;
    }
    const auto end = std::min(json.find_first_not_of(of_numbers, at), json.size());
    std::int64_t number = 0;
    const auto [stop, failed] = std::from_chars(json.data() + at, json.data() + end, number);
    const bool whole = failed == std::errc{} && stop == json.data() + end;
    if (whole && which-- == 0) {
      if (!change(number)) return false;
      json.replace(at, end - at, std::to_string(number));
      return true;
    }
    at = end;
  }
  return false;
}

}  // namespace bv::sim
