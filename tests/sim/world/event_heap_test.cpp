#include "sim/world/event_heap.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

using namespace bv;
using namespace bv::sim;
using namespace std::chrono_literals;

namespace {

constexpr timestamp first_moment{1'000'000};

/// Says each what it is when it happens.
struct written_down {
  event_heap time{first_moment};
  std::string order;

  std::function<void()> write(char what) {
    return [this, what] { order += what; };
  }
  /// Until nothing is left.
  void run() {
    while (const auto next = time.next()) {
      time.pass_to(*next);
      while (time.run_one()) {
      }
    }
  }
};

}  // namespace

TEST_CASE("event heap: things happen in the order of their time, not in that in which they were said") {
  written_down world;
  world.time.at(first_moment + 3ms, world.write('c'));
  world.time.after(1ms, world.write('a'));
  world.time.after(2ms, world.write('b'));
  world.run();
  CHECK(world.order == "abc");
  CHECK(world.time.now() == first_moment + 3ms);
  CHECK(world.time.done() == 3);
}

TEST_CASE("event heap: what is due at the same moment happens in the order in which it was said") {
  written_down world;
  for (char what = 'a'; what <= 'z'; ++what) world.time.after(5ms, world.write(what));
  world.run();
  CHECK(world.order == "abcdefghijklmnopqrstuvwxyz");
}

TEST_CASE("event heap: what an event says for this very moment happens after all that was due then") {
  written_down world;
  world.time.after(1ms, [&] {
    world.order += 'a';
    world.time.after(0ms, world.write('c'));
  });
  world.time.after(1ms, world.write('b'));
  world.run();
  CHECK(world.order == "abc");
  CHECK(world.time.now() == first_moment + 1ms);
}

TEST_CASE("event heap: nothing happens before its time, and what is said for the past happens now") {
  written_down world;
  world.time.after(1ms, world.write('b'));
  CHECK_FALSE(world.time.run_one());
  world.time.at(first_moment - 1ms, world.write('a'));
  CHECK(world.time.next() == first_moment);
  CHECK(world.time.run_one());
  CHECK_FALSE(world.time.run_one());
  CHECK(world.order == "a");
}

TEST_CASE("event heap: an empty one has nothing next, and lets any time pass") {
  event_heap time(first_moment);
  CHECK_FALSE(time.next().has_value());
  CHECK_FALSE(time.run_one());
  time.pass_to(first_moment + 24h);
  CHECK(time.now() == first_moment + 24h);
  CHECK(time.done() == 0);
}
