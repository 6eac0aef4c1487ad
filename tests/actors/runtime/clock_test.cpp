#include "actors/runtime/clock.hpp"

#include <doctest/doctest.h>

#include <ctime>

using namespace bv;

TEST_CASE("clock: the system's time is UTC in nanoseconds") {
  const runtime::system_clock clock;
  const auto before = std::time(nullptr);  // tidy-allow: clock: what it is compared with
  const auto now = clock.now();
  const auto after = std::time(nullptr);  // tidy-allow: clock: what it is compared with
  CHECK(now.ns / 1'000'000'000 >= before);
  CHECK(now.ns / 1'000'000'000 <= after);
}
