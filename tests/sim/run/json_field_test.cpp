#include "sim/run/json_field.hpp"

#include <doctest/doctest.h>

using namespace bv::sim;

TEST_CASE("json field: it is found by its path, through objects and lists") {
  const std::string json = R"({"status":"paid","lines":[{"sku":"MUG-1","quantity":2},{"sku":"MUG-2"}],"total":{"minor":2500}})";
  CHECK(json_field(json, "status") == "paid");
  CHECK(json_field(json, "lines.0.quantity") == "2");
  CHECK(json_field(json, "lines.1.sku") == "MUG-2");
  CHECK(json_field(json, "total.minor") == "2500");
}

TEST_CASE("json field: text comes without quotes, anything else as JSON has it") {
  CHECK(json_field(R"({"a":true})", "a") == "true");
  CHECK(json_field(R"({"a":null})", "a") == "null");
  CHECK(json_field(R"({"a":[]})", "a") == "[]");
  CHECK(json_field(R"({"a":{"b":[1,"x"]}})", "a") == R"({"b":[1,"x"]})");
  CHECK(json_field(R"({"a":"say \"hi\""})", "a") == "say \"hi\"");
  CHECK(json_field(R"({"a":""})", "a") == "");
}

TEST_CASE("json field: what is not there is nothing, and so is what is no JSON") {
  CHECK_FALSE(json_field(R"({"a":{"b":1}})", "b").has_value());
  CHECK_FALSE(json_field(R"({"a":{"b":1}})", "a.c").has_value());
  CHECK_FALSE(json_field(R"({"a":[1]})", "a.1").has_value());
  CHECK_FALSE(json_field(R"({"a":1})", "a.b").has_value());
  CHECK_FALSE(json_field(R"({"a":)", "a").has_value());
  CHECK_FALSE(json_field("", "a").has_value());
}
