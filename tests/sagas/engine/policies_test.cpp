// covers: sagas/engine/bulkhead.cpp
// covers: sagas/engine/circuit_breaker.cpp
// covers: sagas/engine/downstream.cpp
// covers: sagas/engine/retry.cpp
// covers: sagas/engine/timer.cpp
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <condition_variable>
#include <mutex>

#include "sagas/engine/bulkhead.hpp"
#include "sagas/engine/circuit_breaker.hpp"
#include "sagas/engine/retry.hpp"
#include "sagas/engine/timer.hpp"
#include "tests/sagas/engine/saga_world.hpp"
#include "tests/sagas/engine/shop.hpp"

namespace bv::sagas::testing {
namespace {

using namespace std::chrono_literals;

class hand_clock final : public runtime::clock {
 public:
  timestamp now() const override { return at; }
  timestamp at{1'000'000'000};
};

TEST_CASE("retry: linear pauses grow by the first, exponential ones double, both up to the longest") {
  CHECK(linear(100ms, 9).pause_after(1, 7) == 100ms);
  CHECK(linear(100ms, 9).pause_after(4, 7) == 400ms);
  CHECK(linear(100ms, 9, 250ms).pause_after(4, 7) == 250ms);
  CHECK(exponential(100ms, 9).pause_after(1, 7) == 100ms);
  CHECK(exponential(100ms, 9).pause_after(5, 7) == 1600ms);
  CHECK(exponential(100ms, 9, 1s).pause_after(5, 7) == 1s);
  CHECK(exponential(100ms, 9, 1s).pause_after(4'000'000'000, 7) == 1s);
}

TEST_CASE("retry: a pause with jitter lies between half of the plain one and all of it, and random decides") {
  rc::check("jitter", [] {
    const auto failures = *rc::gen::inRange<std::uint32_t>(1, 200);
    const auto random = *rc::gen::arbitrary<std::uint64_t>();
    for (const bool doubles : {false, true}) {
      const auto plain = doubles ? exponential(80ms, 5) : linear(80ms, 5);
      const auto shaken = doubles ? exponential_with_jitter(80ms, 5) : linear_with_jitter(80ms, 5);
      const auto whole = plain.pause_after(failures, random);
      const auto part = shaken.pause_after(failures, random);
      RC_ASSERT(part <= whole);
      RC_ASSERT(part >= whole / 2);
      RC_ASSERT(part == shaken.pause_after(failures, random));
    }
  });
  CHECK(linear_with_jitter(1s, 5).pause_after(1, 0) == 1s);
  CHECK(linear_with_jitter(1s, 5).pause_after(1, ~std::uint64_t{0}) < 501ms);
}

breaker_policy touchy() {
  return {.window = 10,
          .calls_min = 4,
          .failure_share_max = 0.5,
          .slow_share_max = 0.75,
          .slow_after = 1s,
          .open_for = 5s,
          .probes = 2};
}

void call(circuit_breaker& breaker, bool good, duration took = 1ms) {
  const auto ticket = breaker.try_acquire();
  REQUIRE(ticket.allowed);
  breaker.report(ticket, good, took);
}

TEST_CASE("breaker: it opens when too many of the last calls failed, and not before there were enough") {
  hand_clock time;
  circuit_breaker breaker(touchy(), time);
  call(breaker, false);
  call(breaker, false);
  call(breaker, true);
  CHECK(breaker.now() == circuit_breaker::state::closed);
  call(breaker, true);
  CHECK(breaker.now() == circuit_breaker::state::open);
  CHECK(!breaker.try_acquire().allowed);
  CHECK(breaker.opens_in() == 5s);
  CHECK(breaker.refused_count() == 1);
}

TEST_CASE("breaker: only the last calls count") {
  hand_clock time;
  circuit_breaker breaker(touchy(), time);
  for (int i = 0; i < 50; ++i) call(breaker, i % 4 != 3);
  CHECK(breaker.now() == circuit_breaker::state::closed);
  for (int i = 0; i < 10 && breaker.now() == circuit_breaker::state::closed; ++i) call(breaker, false);
  CHECK(breaker.now() == circuit_breaker::state::open);
}

TEST_CASE("breaker: calls that are good but slow open it too") {
  hand_clock time;
  circuit_breaker breaker(touchy(), time);
  for (int i = 0; i < 3; ++i) call(breaker, true, 2s);
  CHECK(breaker.now() == circuit_breaker::state::closed);
  call(breaker, true, 1ms);
  CHECK(breaker.now() == circuit_breaker::state::open);
}

TEST_CASE("breaker: after its time a few probes decide whether it closes or opens again") {
  hand_clock time;
  circuit_breaker breaker(touchy(), time);
  for (int i = 0; i < 4; ++i) call(breaker, false);
  time.at = time.at + 5s;
  const auto first = breaker.try_acquire();
  const auto second = breaker.try_acquire();
  CHECK(first.allowed);
  CHECK(second.allowed);
  CHECK(breaker.now() == circuit_breaker::state::half_open);
  CHECK(!breaker.try_acquire().allowed);
  breaker.report(first, true, 1ms);
  breaker.report(second, false, 1ms);
  CHECK(breaker.now() == circuit_breaker::state::open);
  CHECK(breaker.opened_count() == 2);

  time.at = time.at + 5s;
  call(breaker, true);
  call(breaker, true);
  CHECK(breaker.now() == circuit_breaker::state::closed);
}

TEST_CASE(
    "breaker: an answer to a call of an earlier time does not count, and a probe that was not made is free "
    "again") {
  hand_clock time;
  circuit_breaker breaker(touchy(), time);
  const auto old = breaker.try_acquire();
  for (int i = 0; i < 4; ++i) call(breaker, false);
  time.at = time.at + 5s;
  breaker.report(old, false, 1ms);
  const auto first = breaker.try_acquire();
  const auto second = breaker.try_acquire();
  CHECK(!breaker.try_acquire().allowed);
  breaker.abandon(second);
  const auto third = breaker.try_acquire();
  CHECK(third.allowed);
  breaker.report(first, true, 1ms);
  breaker.report(third, true, 1ms);
  CHECK(breaker.now() == circuit_breaker::state::closed);
}

TEST_CASE(
    "bulkhead: so many run, so many wait, the rest is refused, and whoever leaves lets the next one in") {
  bulkhead gate({.at_once_max = 2, .waiting_max = 1});
  int begun = 0;
  const auto begin = [&] { ++begun; };
  CHECK(gate.enter(begin));
  CHECK(gate.enter(begin));
  CHECK(gate.enter(begin));
  CHECK(!gate.enter(begin));
  CHECK(begun == 2);
  CHECK(gate.waiting() == 1);
  gate.leave();
  CHECK(begun == 3);
  CHECK(gate.under_way() == 2);
  gate.leave();
  gate.leave();
  CHECK(gate.under_way() == 0);
}

TEST_CASE("downstream: while a service fails, its breaker answers for it, and it recovers by probes") {
  saga_world world({sale()});
  downstream_policy policy;
  policy.breaker = touchy();
  world.add_service("bank", policy);
  bool broken = true;
  world.participants = [&](const seen_call&) { return broken ? reaction::fail() : reaction::ok(); };
  int answered = 0;
  std::string code;
  const auto call = [&](int n) {
    for (int i = 0; i < n; ++i) {
      world.service("bank").call({"hello", "key" + std::to_string(++answered), "", world.now() + 5s},
                                 [&](result<bytes> answer) { code = answer ? "ok" : answer.error().code; });
      world.run_for(10ms);
    }
  };
  call(4);
  CHECK(code == "out_of_order");
  call(3);
  CHECK(code == "circuit_open");
  CHECK(world.calls().size() == 4);
  CHECK(world.service("bank").measured().refused_by_breaker.value() == 3);
  broken = false;
  world.run_for(5s);
  call(3);
  CHECK(code == "ok");
  CHECK(world.service("bank").breaker().now() == circuit_breaker::state::closed);
}

TEST_CASE("downstream: a service that hangs is answered for at the deadline and gives its place back") {
  saga_world world({sale()});
  downstream_policy policy;
  policy.bulkhead = {.at_once_max = 1, .waiting_max = 1};
  world.add_service("bank", policy);
  world.participants = [](const seen_call& call) {
    return call.id == "1" ? reaction::hang() : reaction::ok("fine");
  };
  std::vector<std::string> answers;
  const auto call = [&](const char* key, duration patience) {
    world.service("bank").call({"hello", key, "", world.now() + patience}, [&, key](result<bytes> answer) {
      answers.push_back(std::string(key) + (answer ? *answer : answer.error().code));
    });
  };
  call("1", 2s);
  call("2", 5s);
  call("3", 5s);
  CHECK(answers == std::vector<std::string>{"3service_busy"});
  world.run_for(3s);
  CHECK(answers == std::vector<std::string>{"3service_busy", "1service_timeout", "2fine"});
  CHECK(world.service("bank").bulkhead().under_way() == 0);
  CHECK(world.service("bank").measured().timeouts.value() == 1);
}

TEST_CASE("downstream: a fallback answers where the service can't, and not where it refuses") {
  saga_world world({sale()});
  world.add_service("bank", {}, [](const service_request& request, const error&) -> result<bytes> {
    return "instead of " + request.body;
  });
  world.participants = [](const seen_call& call) {
    return call.body == "a" ? reaction::fail() : reaction::refuse("no");
  };
  std::vector<std::string> answers;
  for (const char* body : {"a", "b"})
    world.service("bank").call({body, body, "", world.now() + 1s}, [&](result<bytes> answer) {
      answers.push_back(answer ? *answer : answer.error().code);
    });
  world.run_for(1s);
  CHECK(answers == std::vector<std::string>{"instead of a", "no"});
  CHECK(world.service("bank").measured().fallbacks.value() == 1);
}

TEST_CASE("timer: actions run when they are due, in that order, and those that are left are dropped") {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<int> ran;
  {
    const auto later = make_thread_timer();
    const auto note = [&](int n) {
      return [&, n] {
        const std::scoped_lock lock(mutex);
        ran.push_back(n);
        changed.notify_one();
      };
    };
    later->after(20ms, note(2));
    later->after(1ms, note(1));
    later->after(1h, note(3));
    std::unique_lock lock(mutex);
    CHECK(changed.wait_for(lock, 10s, [&] { return ran.size() == 2; }));
  }
  CHECK(ran == std::vector<int>{1, 2});
}

}  // namespace
}  // namespace bv::sagas::testing
