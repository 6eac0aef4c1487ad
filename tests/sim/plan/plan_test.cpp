#include "sim/plan/plan.hpp"

#include <doctest/doctest.h>

using namespace bv::sim;

TEST_CASE("plan: two are equal only if all of the limits and of the processor's temper are") {
  const plan one;
  auto other = one;
  CHECK(one == other);
  other.bounds.events_before_passivation_snapshot += 1;
  CHECK(one != other);
  other = one;
  other.bounds.in_flight_per_shard_max += 1;
  CHECK(one != other);
  other = one;
  other.processor.cents_decide = true;
  CHECK(one != other);
  other = one;
  other.processor.seed += 1;
  CHECK(one != other);
}
