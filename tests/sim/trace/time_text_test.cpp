#include "sim/trace/time_text.hpp"

#include <doctest/doctest.h>

using namespace bv;
using namespace bv::sim;
using namespace std::chrono_literals;

TEST_CASE("time text: minutes and seconds, with hours and days only if there are any") {
  CHECK(offset_text(0s) == "00:00.000000");
  CHECK(offset_text(5'125'300us) == "00:05.125300");
  CHECK(offset_text(5'125'300'999ns) == "00:05.125300");
  CHECK(offset_text(59min + 59s) == "59:59.000000");
  CHECK(offset_text(1h + 5s) == "01:00:05.000000");
  CHECK(offset_text(24h * 29 + 5s) == "29d 00:00:05.000000");
  CHECK(offset_text(-1500ms) == "-00:01.500000");
}

TEST_CASE("time text: a length in its two largest units") {
  CHECK(length_text(29 * 24h) == "29 days");
  CHECK(length_text(24h + 3h + 59min) == "1 day 3 h");
  CHECK(length_text(24h + 59min) == "1 day");
  CHECK(length_text(5min + 30s) == "5 min 30 s");
  CHECK(length_text(12s + 900ms) == "12 s");
  CHECK(length_text(250ms) == "250 ms");
  CHECK(length_text(17us) == "17 µs");
}
