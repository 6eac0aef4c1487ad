#include "actors/runtime/clock.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <ctime>

using namespace bv;

namespace {

/// Not std::time(), which is some milliseconds late.
std::int64_t kernel_time_ns() {
  timespec now{};
  REQUIRE(clock_gettime(CLOCK_REALTIME, &now) == 0);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

TEST_CASE("clock: the system's time is UTC in nanoseconds") {
  const runtime::system_clock clock;
  const auto before = kernel_time_ns();
  const auto now = clock.now();
  const auto after = kernel_time_ns();
  CHECK(now.ns >= before);
  CHECK(now.ns <= after);
}
