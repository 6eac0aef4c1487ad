#include "actors/runtime/delayed_actions.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace bv;
using namespace bv::runtime;

TEST_CASE("delayed actions: run in the order in which they are due, then in which they came") {
  delayed_actions later;
  std::string ran;
  CHECK_FALSE(later.next().has_value());
  later.add(timestamp{30}, [&] { ran += 'c'; });
  later.add(timestamp{10}, [&] { ran += 'a'; });
  later.add(timestamp{30}, [&] { ran += 'd'; });
  later.add(timestamp{20}, [&] { ran += 'b'; });
  CHECK(later.next() == timestamp{10});
  later.run(timestamp{9});
  CHECK(ran.empty());
  later.run(timestamp{20});
  CHECK(ran == "ab");
  CHECK(later.next() == timestamp{30});
  later.run(timestamp{100});
  CHECK(ran == "abcd");
  CHECK_FALSE(later.next().has_value());
}

TEST_CASE("delayed actions: one that adds itself again at once does not run for ever") {
  delayed_actions later;
  int runs = 0;
  std::function<void()> again = [&] {
    ++runs;
    later.add(timestamp{5}, again);
  };
  later.add(timestamp{5}, again);
  later.run(timestamp{5});
  CHECK(runs == 1);
  later.run(timestamp{5});
  CHECK(runs == 2);
}
