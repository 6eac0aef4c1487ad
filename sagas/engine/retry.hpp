#pragma once

#include <chrono>
#include <cstdint>

#include "protocols/schema/base/time.hpp"

namespace bv::sagas {

/// How long to wait before asking again, and how often to ask at all.
///
/// | growth      | pause after the nth failure                  |
/// |-------------|----------------------------------------------|
/// | linear      | first × n, at most `longest`                 |
/// | exponential | first × 2^(n-1), at most `longest`           |
///
/// With jitter, a pause is a random part of that: between (1 - jitter) of it and all of it, so that sagas
/// that failed together don't come back together.
struct retry_policy {
  enum class growth { linear, exponential };

  growth grows = growth::exponential;
  duration first = std::chrono::milliseconds{100};
  duration longest = std::chrono::seconds{5};
  double jitter = 0;               ///< 0 … 1
  std::uint32_t attempts_max = 5;  ///< the first one included; at least 1

  /// The pause after the `failures`th failure, from 1. `random` is any number; equal ones give equal pauses.
  [[nodiscard]] duration pause_after(std::uint32_t failures, std::uint64_t random) const;
};

inline constexpr double default_jitter = 0.5;

constexpr retry_policy linear(duration first, std::uint32_t attempts_max,
                              duration longest = std::chrono::seconds{30}) {
  return {retry_policy::growth::linear, first, longest, 0, attempts_max};
}
constexpr retry_policy linear_with_jitter(duration first, std::uint32_t attempts_max,
                                          duration longest = std::chrono::seconds{30}) {
  return {retry_policy::growth::linear, first, longest, default_jitter, attempts_max};
}
constexpr retry_policy exponential(duration first, std::uint32_t attempts_max,
                                   duration longest = std::chrono::seconds{30}) {
  return {retry_policy::growth::exponential, first, longest, 0, attempts_max};
}
constexpr retry_policy exponential_with_jitter(duration first, std::uint32_t attempts_max,
                                               duration longest = std::chrono::seconds{30}) {
  return {retry_policy::growth::exponential, first, longest, default_jitter, attempts_max};
}
constexpr retry_policy no_retry() {
  return {retry_policy::growth::linear, {}, {}, 0, 1};
}

/// For actions: patient enough for a restart of what is asked, short against a customer who waits.
inline constexpr retry_policy default_retry = exponential_with_jitter(std::chrono::milliseconds{100}, 6);
/// For compensations: nobody waits, and giving up costs a person's time. About an hour in all.
inline constexpr retry_policy default_undo_retry =
    exponential_with_jitter(std::chrono::milliseconds{200}, 70, std::chrono::minutes{1});

}  // namespace bv::sagas
