#include "sim/world/actor_turns.hpp"

#include <doctest/doctest.h>

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <chrono>
#include <string>
#include <vector>

using namespace bv;
using namespace bv::sim;
using namespace std::chrono_literals;

namespace {

constexpr int actors = 5;

/// Some actors that write down what they get: the letter of the actor and the number in the message.
class scribes {
 public:
  scribes(std::uint64_t seed, bool shuffle) : turns(seed, shuffle) {
    for (int i = 0; i < actors; ++i) all.push_back(turns.system().spawn(scribe, this, i));
  }
  ~scribes() {
    for (auto& one : all) caf::anon_send_exit(one, caf::exit_reason::user_shutdown);
    all.clear();
    run();
  }

  void send(int to, int number) { caf::anon_send(all[static_cast<std::size_t>(to)], number); }
  void send_later(int to, int number, duration delay) {
    caf::delayed_anon_send(all[static_cast<std::size_t>(to)], delay, number);
  }
  void run() {
    while (const auto took = turns.run_one()) ran.push_back(*took);
  }

  actor_turns turns;
  std::vector<caf::actor> all;
  std::string seen;
  std::vector<std::uint64_t> ran;

 private:
  static caf::behavior scribe(caf::event_based_actor*, scribes* of, int which) {
    return {[of, which](int number) {
      of->seen += static_cast<char>('a' + which);
      of->seen += std::to_string(number);
    }};
  }
};

/// Three messages to each actor, in turn.
std::string order_of(std::uint64_t seed, bool shuffle) {
  scribes here(seed, shuffle);
  here.run();
  for (int number = 1; number <= 3; ++number)
    for (int to = 0; to < actors; ++to) here.send(to, number);
  here.run();
  return here.seen;
}

}  // namespace

TEST_CASE("actor turns: nobody runs before it is told to, and then takes one message") {
  scribes here(1, false);
  here.run();
  CHECK(here.turns.idle());
  CHECK_FALSE(here.turns.run_one().has_value());
  here.send(0, 1);
  here.send(0, 2);
  CHECK(here.seen.empty());
  CHECK_FALSE(here.turns.idle());
  CHECK(here.turns.run_one().has_value());
  CHECK(here.seen == "a1");
  CHECK(here.turns.run_one().has_value());
  CHECK(here.seen == "a1a2");
  CHECK(here.turns.idle());
}

TEST_CASE("actor turns: without shuffling, who has waited longest is next") {
  CHECK(order_of(1, false) == "a1b1c1d1e1a2b2c2d2e2a3b3c3d3e3");
  CHECK(order_of(2, false) == order_of(1, false));
}

TEST_CASE("actor turns: shuffled, whose turn it is depends on the seed alone") {
  const auto one = order_of(1, true);
  CHECK(one == order_of(1, true));
  CHECK(one != order_of(2, true));
  CHECK(one != order_of(1, false));
}

TEST_CASE("actor turns: however they are shuffled, each actor gets its mail in order and all of it") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto seen = order_of(seed, true);
    CAPTURE(seen);
    CHECK(seen.size() == 2 * 3 * actors);
    for (char who = 'a'; who < 'a' + actors; ++who) {
      std::string mail;
      for (std::size_t i = 0; i < seen.size(); i += 2)
        if (seen[i] == who) mail += seen[i + 1];
      CHECK(mail == "123");
    }
  }
}

TEST_CASE("actor turns: an actor has the same number in every run, and no two share one") {
  const auto numbers = [] {
    scribes here(1, false);
    here.run();
    here.ran.clear();
    for (int to = 0; to < actors; ++to) here.send(to, 1);
    here.run();
    return here.ran;
  };
  const auto first = numbers();
  CHECK(first == numbers());
  REQUIRE(first.size() == actors);
  for (std::size_t i = 1; i < first.size(); ++i) CHECK(first[i] == first[0] + i);
}

TEST_CASE("actor turns: a delayed message comes when time is told to have passed") {
  scribes here(1, false);
  here.run();
  CHECK_FALSE(here.turns.next_due().has_value());
  here.send_later(0, 1, 10ms);
  here.send_later(1, 2, 5ms);
  CHECK(here.turns.next_due() == 5ms);
  here.turns.pass_to(5ms - 1ns);
  CHECK(here.turns.idle());
  here.turns.pass_to(5ms);
  here.run();
  CHECK(here.seen == "b2");
  CHECK(here.turns.next_due() == 10ms);
  here.turns.pass_to(1h);
  here.run();
  CHECK(here.seen == "b2a1");
  // Time is counted from the beginning, delays from now.
  here.send_later(2, 3, 1s);
  CHECK(here.turns.next_due() == 1h + 1s);
}
