#include "sim/plan/plan.hpp"

#include <tuple>

namespace bv::sim {
namespace {

auto members_of(const runtime::limits& of) {
  const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n] = of;
  return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, n);
}

auto members_of(const commerce::processor_options& of) {
  const auto& [a, b, c, d, e, f, g, h, i] = of;
  return std::tie(a, b, c, d, e, f, g, h, i);
}

}  // namespace

bool operator==(const runtime::limits& a, const runtime::limits& b) { return members_of(a) == members_of(b); }
bool operator==(const commerce::processor_options& a, const commerce::processor_options& b) {
  return members_of(a) == members_of(b);
}

}  // namespace bv::sim
