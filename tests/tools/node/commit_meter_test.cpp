#include "tools/node/commit_meter.hpp"

#include <doctest/doctest.h>

TEST_CASE("commit meter: sums since the opening become one observation for each commit") {
  bv::tools::commit_meter meter;
  meter.observe({.batches = 2, .records = 10, .size_bytes = 500, .write_ns = 3'000'000});
  meter.observe({.batches = 3, .records = 14, .size_bytes = 900, .write_ns = 3'500'000});
  CHECK(meter.batches.read().count == 2);
  CHECK(meter.batches.read().sum == 3);
  CHECK(meter.records.read().sum == 14);
  CHECK(meter.write_us.read().sum == 3500);
  CHECK(meter.write_us.read().count == 2);
  CHECK(meter.size_bytes.value() == 900);
}
