#include "tools/chaos/silences.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "actors/runtime/router.hpp"

namespace bv::chaos {
namespace {

/// A fault is not felt for longer: who needs more has another trouble, which `answered` tells.
constexpr duration looked_at_max = std::chrono::seconds(30);

struct asked {
  timestamp returned, invoked;
  auto operator<=>(const asked&) const = default;
};

struct silence {
  timestamp from, until;
};

/// From each answer to the next one, if anybody waited; else from when somebody did. In the order of time.
std::vector<silence> silences_of(std::vector<asked> all) {
  std::ranges::sort(all);
  std::vector<silence> made(all.size());
  timestamp waits_since{std::numeric_limits<std::int64_t>::max()};
  for (auto i = all.size(); i-- > 0;) {
    waits_since = std::min(waits_since, all[i].invoked);
    made[i] = {i == 0 ? waits_since : std::max(waits_since, all[i - 1].returned), all[i].returned};
  }
  return made;
}

/// The longest that ended in the window.
silence longest(const std::vector<silence>& all, timestamp from, timestamp until) {
  silence worst{};
  for (auto one = std::ranges::upper_bound(all, from, {}, &silence::until); one != all.end() && one->until <= until; ++one)
    if (one->until - one->from > worst.until - worst.from) worst = *one;
  return worst;
}

double ms(const silence& of) { return static_cast<double>((of.until - of.from).count()) / 1e6; }

template <class Key>
std::map<Key, std::vector<silence>> by_key(std::map<Key, std::vector<asked>> all) {
  std::map<Key, std::vector<silence>> made;
  for (auto& [key, some] : all) made[key] = silences_of(std::move(some));
  return made;
}

}  // namespace

double felt::worst_shard_ms() const {
  double worst = 0;
  for (const auto& [_, one] : shards_ms) worst = std::max(worst, one);
  return worst;
}

std::vector<felt> felt_of(const std::vector<struck_fault>& faults, const std::vector<sim::operation>& history, std::uint16_t shards) {
  std::map<std::string, std::vector<asked>> asked_by;
  std::map<std::uint16_t, std::vector<asked>> asked_of;
  for (const auto& one : history) {
    if (one.returned == timestamp{}) continue;
    asked_by[one.client].push_back({one.returned, one.invoked});
    asked_of[runtime::shard_of(one.entity, shards).value].push_back({one.returned, one.invoked});
  }
  const auto of_clients = by_key(std::move(asked_by));
  const auto of_shards = by_key(std::move(asked_of));

  std::vector<felt> made;
  for (std::size_t i = 0; i < faults.size(); ++i) {
    const auto from = faults[i].struck;
    auto until = from + looked_at_max;
    if (i + 1 < faults.size()) until = std::min(until, faults[i + 1].struck);
    auto& one = made.emplace_back();
    for (const auto& [client, all] : of_clients) {
      const auto worst = longest(all, from, until);
      if (ms(worst) > one.client_ms) std::tie(one.client_ms, one.client, one.since) = std::tuple(ms(worst), client, worst.from);
    }
    for (const auto shard : faults[i].led)
      if (const auto all = of_shards.find(shard); all != of_shards.end()) one.shards_ms[shard] = ms(longest(all->second, from, until));
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
