#include "sim/world/virtual_time.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>

using namespace bv;
using namespace bv::sim;
using namespace std::chrono_literals;

namespace {

constexpr timestamp start{1'893'456'000'000'000'000};

}  // namespace

TEST_CASE("node clock: it is the world's unless it is set") {
  event_heap world(start);
  const node_clock clock(world);
  world.pass_to(start + 3s);
  CHECK(clock.now() == start + 3s);
}

TEST_CASE("node clock: it is ahead or behind by what it was set to, at once") {
  event_heap world(start);
  node_clock clock(world);
  clock.set({.ahead_by = 90s});
  CHECK(clock.now() == start + 90s);
  clock.set({.ahead_by = -2s});
  CHECK(clock.now() == start - 2s);
  clock.set({});
  CHECK(clock.now() == start);
}

TEST_CASE("node clock: drift counts from when it was set, in either direction") {
  event_heap world(start);
  node_clock clock(world);
  world.pass_to(start + 1h);
  clock.set({.drift_ppm = 200});
  CHECK(clock.now() == start + 1h);
  world.pass_to(start + 1h + 1000s);
  CHECK(clock.now() == start + 1h + 1000s + 200ms);
  clock.set({.drift_ppm = -200});
  world.pass_to(start + 1h + 2000s);
  CHECK(clock.now() == start + 1h + 2000s - 200ms);
}

TEST_CASE("node clock: years of drift fit") {
  event_heap world(start);
  node_clock clock(world);
  clock.set({.drift_ppm = 1000});
  world.pass_to(start + 24h * 1000);
  CHECK(clock.now() == start + 24h * 1001);
}

TEST_CASE("virtual timer: its action comes once, when it is due") {
  event_heap world(start);
  virtual_timer timer(world);
  int came = 0;
  timer.after(5s, [&] { ++came; });
  CHECK(world.next() == start + 5s);
  world.pass_to(start + 5s);
  CHECK(came == 0);
  CHECK(world.run_one());
  CHECK(came == 1);
  CHECK_FALSE(world.next().has_value());
}

TEST_CASE("virtual timer: what was not due when it is destroyed never comes") {
  event_heap world(start);
  auto timer = std::make_unique<virtual_timer>(world);
  bool came = false;
  timer->after(5s, [&] { came = true; });
  timer.reset();
  // Nor does it come when another one takes its place.
  timer = std::make_unique<virtual_timer>(world);
  world.pass_to(start + 5s);
  CHECK(world.run_one());
  CHECK_FALSE(came);
}
