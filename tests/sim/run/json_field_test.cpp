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

TEST_CASE("json field: one that is taken out is gone, and the others stay") {
  std::string json = R"({"orderId":"o1","note":"as a gift"})";
  CHECK(take_json_field(json, "orderId") == "o1");
  CHECK(json == R"({"note":"as a gift"})");
  CHECK_FALSE(take_json_field(json, "orderId").has_value());
  CHECK(json == R"({"note":"as a gift"})");
}

TEST_CASE("json field: from what is no object nothing is taken") {
  for (const std::string before : {"[1,2]", "\"orderId\"", "{\"orderId\":", ""}) {
    auto json = before;
    CHECK_FALSE(take_json_field(json, "orderId").has_value());
    CHECK(json == before);
  }
}
