#include "sim/hunt/json_numbers.hpp"

#include <doctest/doctest.h>

#include <optional>

using namespace bv::sim;

namespace {

/// The text with its `which`th number made 1; nothing if there is no such number.
std::optional<std::string> with_one(std::string json, std::size_t which) {
  const bool changed = change_number(json, which, [](std::int64_t& number) {
    number = 1;
    return true;
  });
  return changed ? std::optional(json) : std::nullopt;
}

}  // namespace

TEST_CASE("json numbers: whole numbers are found in order") {
  const std::string json = R"({"a":12,"b":[-3,{"c": 40 }]})";
  CHECK(with_one(json, 0) == R"({"a":1,"b":[-3,{"c": 40 }]})");
  CHECK(with_one(json, 1) == R"({"a":12,"b":[1,{"c": 40 }]})");
  CHECK(with_one(json, 2) == R"({"a":12,"b":[-3,{"c": 1 }]})");
  CHECK_FALSE(with_one(json, 3));
  CHECK(with_one("7", 0) == "1");
}

TEST_CASE("json numbers: those in strings, with a fraction, an exponent or too many digits are not") {
  CHECK(with_one(R"({"7":"8 9","x\"5":5})", 0) == R"({"7":"8 9","x\"5":1})");
  CHECK(with_one(R"(["\\",6])", 0) == R"(["\\",1])");
  CHECK(with_one("[1.5,2e3,99999999999999999999,4]", 0) == "[1.5,2e3,99999999999999999999,1]");
  CHECK_FALSE(with_one(R"({"open":"12)", 0));
  CHECK_FALSE(with_one("", 0));
}

TEST_CASE("json numbers: the change sees the number, and may refuse") {
  std::string json = "[5,-9223372036854775808]";
  CHECK_FALSE(change_number(json, 1, [](std::int64_t& number) {
    CHECK(number == INT64_MIN);
    number = 3;
    return false;
  }));
  CHECK(json == "[5,-9223372036854775808]");
}
