#include "tools/chaos/silences.hpp"

#include <algorithm>
#include <cmath>

#include "actors/runtime/router.hpp"

namespace bv::chaos {
namespace {

/// A fault is not felt for longer: who needs more has another trouble, which `answered` tells.
constexpr duration looked_at_max = std::chrono::seconds(30);

/// When somebody answered, ascending.
using moments = std::vector<timestamp>;

double ms(duration of) { return static_cast<double>(of.count()) / 1e6; }

/// The longest time between two moments of which any part lies in the window. One that has no end within the history is none.
double longest(const moments& answered, timestamp from, timestamp until) {
  auto second = std::ranges::upper_bound(answered, from);
  duration worst{};
  if (second == answered.begin()) return 0;
  for (; second != answered.end(); ++second) {
    const auto first = *(second - 1);
    if (first >= until) break;
    worst = std::max(worst, *second - first);
  }
  return ms(worst);
}

}  // namespace

double felt::worst_shard_ms() const {
  double worst = 0;
  for (const auto& [_, one] : shards_ms) worst = std::max(worst, one);
  return worst;
}

std::vector<felt> felt_of(const std::vector<struck_fault>& faults, const std::vector<sim::operation>& history, std::uint16_t shards) {
  std::map<std::string, moments> of_client;
  std::map<std::uint16_t, moments> of_shard;
  for (const auto& one : history) {
    if (one.returned == timestamp{}) continue;
    of_client[one.client].push_back(one.returned);
    of_shard[runtime::shard_of(one.entity, shards).value].push_back(one.returned);
  }
  for (auto& [_, all] : of_client) std::ranges::sort(all);
  for (auto& [_, all] : of_shard) std::ranges::sort(all);

  std::vector<felt> made;
  for (std::size_t i = 0; i < faults.size(); ++i) {
    const auto from = faults[i].struck;
    auto until = from + looked_at_max;
    if (i + 1 < faults.size()) until = std::min(until, faults[i + 1].struck);
    auto& one = made.emplace_back();
    for (const auto& [_, all] : of_client) one.client_ms = std::max(one.client_ms, longest(all, from, until));
    for (const auto shard : faults[i].led) one.shards_ms[shard] = longest(of_shard[shard], from, until);
  }
  return made;
}

double percentile(std::vector<double> values, double percent) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  const auto rank = static_cast<std::size_t>(std::ceil(percent / 100 * static_cast<double>(values.size())));
  return values[std::clamp<std::size_t>(rank, 1, values.size()) - 1];
}

}  // namespace bv::chaos
