#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <vector>

#include "actors/runtime/clock.hpp"
#include "protocols/schema/base/time.hpp"

namespace bv::sagas {

struct breaker_policy {
  std::uint32_t window = 50;       ///< the last so many calls are looked at
  std::uint32_t calls_min = 20;    ///< fewer prove nothing
  double failure_share_max = 0.5;  ///< at this share of failures it opens …
  double slow_share_max = 0.8;     ///< … and at this share of slow calls
  duration slow_after = std::chrono::seconds{2};
  duration open_for = std::chrono::seconds{5};
  std::uint32_t probes = 3;  ///< calls that are let through half-open; all must be good
};

/// Keeps calls away from what fails anyway, so that it can recover and callers learn at once.
///
///           too many failures or slow calls              open_for has passed
///   CLOSED ─────────────────────────────────▶ OPEN ────────────────────────▶ HALF-OPEN
///     ▲                                        ▲                               │    │
///     │                                        └───────── one probe fails ─────┘    │
///     └────────────────────────── all probes are good ──────────────────────────────┘
///
/// (Nygard, "Release It!"; the window as in Resilience4j.) Threads: any.
class circuit_breaker {
 public:
  enum class state { closed, open, half_open };

  circuit_breaker(breaker_policy policy, const runtime::clock& time);

  /// False: don't call. After true, exactly one report() or abandon() must follow with the ticket.
  struct ticket {
    bool allowed = false;
    std::uint64_t period = 0;  ///< reports of calls that began in an earlier state don't count
  };
  ticket try_acquire();
  void report(ticket of, bool good, duration took);
  /// The call was not made after all.
  void abandon(ticket of);

  [[nodiscard]] state now() const;
  /// How long until it lets a probe through; 0 if it does now.
  [[nodiscard]] duration opens_in() const;
  [[nodiscard]] std::uint64_t opened_count() const;
  [[nodiscard]] std::uint64_t refused_count() const;

 private:
  struct outcome {
    bool good, slow;
  };
  void move_to(state next);
  bool is_too_bad() const;

  const breaker_policy policy_;
  const runtime::clock& time_;
  mutable std::mutex mutex_;
  state state_ = state::closed;
  std::uint64_t period_ = 0;
  timestamp opened_at_;
  std::vector<outcome> window_;  ///< a ring once it is full
  std::size_t next_ = 0;
  std::uint32_t probes_begun_ = 0, probes_good_ = 0;
  std::uint64_t opened_ = 0, refused_ = 0;
};

std::string_view to_string(circuit_breaker::state state);

}  // namespace bv::sagas
