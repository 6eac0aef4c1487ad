#include "sagas/engine/retry.hpp"

#include <algorithm>

#include "protocols/schema/base/assert.hpp"

namespace bv::sagas {
namespace {

/// 2^30 of the shortest useful pause is longer than any saga.
constexpr std::uint32_t doublings_max = 30;

}  // namespace

duration retry_policy::pause_after(std::uint32_t failures, std::uint64_t random) const {
  BV_ASSERT(failures > 0, "a pause follows a failure");
  auto whole = longest;
  if (first < longest) {
    const auto steps = std::min(failures, doublings_max + 1);
    const auto factor = grows == growth::linear ? std::int64_t{steps} : std::int64_t{1} << (steps - 1);
    whole = first.count() > longest.count() / factor ? longest : first * factor;
  }
  if (jitter <= 0) return whole;
  constexpr double unit = 1.0 / 9007199254740992.0;  // 2^-53: the random bits that a double can hold
  const double fraction = static_cast<double>(random >> 11) * unit;
  return duration{static_cast<std::int64_t>(static_cast<double>(whole.count()) * (1.0 - jitter * fraction))};
}

}  // namespace bv::sagas
