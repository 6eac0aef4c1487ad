#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "actors/runtime/gateway.hpp"
#include "tools/bench/bench_result.hpp"

namespace bv::bench {

/// What a closed loop measured.
struct loop_outcome {
  std::uint64_t accepted = 0, rejected = 0, failed = 0;
  double seconds = 0;
  double cpu_us_per_op = 0;
  double p50_ms = 0, p99_ms = 0;
  [[nodiscard]] double per_second() const { return static_cast<double>(accepted + rejected) / seconds; }
};

/// Keeps `in_flight` requests going for `seconds`: each answer sends the next request of its slot, from the thread
/// that answers. Waits until the last one is answered. `next(slot, count)` makes the slot's count-th request.
/// A rejection by the domain is an answer like another; `failed` counts timeouts, overload and faults.
loop_outcome run_closed_loop(runtime::gateway& entities, std::uint32_t in_flight, double seconds,
                             const std::function<runtime::command_request(std::uint32_t slot, std::uint64_t count)>& next);

/// Sends `count` requests, `in_flight` at a time, and returns the first failure that is not a rejection.
result<void> send_all(runtime::gateway& entities, std::uint32_t in_flight, std::uint64_t count,
                      const std::function<runtime::command_request(std::uint64_t number)>& next);

/// CPU seconds of this process so far, user and system.
double cpu_seconds();
double wall_seconds();

/// The q-th part of the sorted values; 0 if there are none. Reorders.
double quantile(std::vector<float>& values, double q);

void fill_in(bench_result& into, const loop_outcome& from, std::uint32_t in_flight);

}  // namespace bv::bench
