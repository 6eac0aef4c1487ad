#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "protocols/schema/json.hpp"
#include "tests/protocols/schema/arbitrary.hpp"
#include "tests/protocols/schema/property.hpp"

using namespace bv;
using namespace bv::fixtures;

TEST_CASE("round trip: JSON of any value gives the very bytes again") {
  const auto& everything = *sample::contract::reflection().state().find("everything")->structure;
  bv::testing::property([&] {
    const auto encoded = encode(*any_everything());
    const auto json = schema::to_json(everything, encoded);
    RC_ASSERT(json);
    const auto again = schema::to_message(everything, *json);
    if (!again) RC_FAIL(describe(again.error()) + " in " + *json);
    RC_ASSERT(*again == encoded);
  });
}
