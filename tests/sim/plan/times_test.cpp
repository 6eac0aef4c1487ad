#include "sim/plan/times.hpp"

#include <doctest/doctest.h>

using namespace bv::sim;
using namespace std::chrono_literals;

TEST_CASE("times: every unit is read, and written in the largest that fits") {
  for (const auto& [text, time] : std::vector<std::pair<std::string, bv::duration>>{{"30d", 720h},
                                                                                   {"2h", 2h},
                                                                                   {"30m", 30min},
                                                                                   {"90s", 90s},
                                                                                   {"-2s", -2s},
                                                                                   {"300ms", 300ms},
                                                                                   {"200us", 200us},
                                                                                   {"17ns", 17ns},
                                                                                   {"0s", 0s}}) {
    CAPTURE(text);
    const auto read = parse_duration(text);
    REQUIRE(read.has_value());
    CHECK(*read == time);
    CHECK(to_text(time) == text);
  }
  CHECK(*parse_duration("0") == 0s);
  CHECK(to_text(bv::duration{120s}) == "2m");
}

TEST_CASE("times: what is no duration is refused with an example") {
  for (const char* text : {"", "5", "s", "5 s", "1.5s", "5sec", "1h30m", "+5s", "99999999999d"}) {
    CAPTURE(text);
    const auto read = parse_duration(text);
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().code == "bad_duration");
    CHECK(read.error().message.find("\"300ms\"") != std::string::npos);
  }
}

TEST_CASE("times: a span has two ends in order, or one") {
  CHECK(*parse_span("5ms..2s") == span{5ms, 2s});
  CHECK(*parse_span("5ms") == span{5ms, 5ms});
  CHECK(to_text(span{5ms, 2s}) == "5ms..2s");
  CHECK(to_text(span{5ms, 5ms}) == "5ms");
  CHECK(parse_span("2s..5ms").error().message.find("ends before it begins") != std::string::npos);
  CHECK_FALSE(parse_span("5ms..").has_value());
}
