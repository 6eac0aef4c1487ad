#include "actors/runtime/random.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace bv::runtime;

TEST_CASE("random: a seed gives the same numbers again, another seed others") {
  random_source first(1), second(1), other(2);
  for (int i = 0; i < 100; ++i) {
    const auto number = first.next();
    CHECK(number == second.next());
    CHECK(number != other.next());
  }
}

TEST_CASE("random: below() reaches every number and no other, about equally often") {
  random_source draw(42);
  std::array<int, 7> seen{};
  for (int i = 0; i < 70'000; ++i) {
    const auto number = draw.below(7);
    REQUIRE(number < 7);
    ++seen[number];
  }
  for (const int count : seen) CHECK((count > 9'500 && count < 10'500));
  CHECK(draw.below(1) == 0);
}

TEST_CASE("random: fraction() stays inside [0, 1)") {
  random_source draw(3);
  double sum = 0;
  for (int i = 0; i < 10'000; ++i) {
    const double f = draw.fraction();
    REQUIRE((f >= 0 && f < 1));
    sum += f;
  }
  CHECK((sum > 4'800 && sum < 5'200));
}

TEST_CASE("random: named parts of one seed are independent") {
  CHECK(derive_seed(1, "a") != derive_seed(1, "b"));
  CHECK(derive_seed(1, "a") != derive_seed(2, "a"));
  CHECK(derive_seed(1, "a") == derive_seed(1, "a"));
}
