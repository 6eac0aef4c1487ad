// Edit distance by Wagner and Fischer (1974), with one row kept.
#include "protocols/schema/nearest.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace bv::schema {
namespace {

constexpr std::size_t length_max = 64;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::size_t distance(std::string_view a, std::string_view b) {
  std::array<std::size_t, length_max + 1> row{};
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const auto above = row[j];
      const std::size_t replace = diagonal + (lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1);
      row[j] = std::min({above + 1, row[j - 1] + 1, replace});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

std::string_view nearest_name(std::string_view name, std::span<const std::string_view> known) {
  std::string_view best;
  std::size_t least = length_max;
  if (name.size() > length_max) return best;
  for (const auto one : known) {
    if (one.size() > length_max) continue;
    const auto far = distance(name, one);
    if (far < least && far * 3 <= std::max(name.size(), one.size())) {
      best = one;
      least = far;
    }
  }
  return best;
}

}  // namespace bv::schema
