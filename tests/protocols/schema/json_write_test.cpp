// Covers: protocols/schema/json_write.cpp
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "protocols/schema/base64.hpp"
#include "protocols/schema/json.hpp"
#include "tests/protocols/schema/fixtures/sample.hpp"
#include "tests/protocols/schema/property.hpp"

using namespace bv;
using namespace bv::fixtures;

TEST_CASE("json out: names, numbers, times and enums as the contract says") {
  const auto& contract = sample::contract::reflection();
  sample::everything v;
  v.huge = 18446744073709551615ULL;
  v.large = -9223372036854775807LL - 1;
  v.ratio = 0.1F;
  v.exact = 0.1;
  v.note = "tab\t\"quoted\" \x01 é";
  v.blob = "hi";
  v.at = {1'000'000'000};
  v.items.insert({"mug", {250, "USD"}, sample::colour::blue});
  v.numbers = {1, -2};
  v.flags = {true, false};
  v.colours = {sample::colour::red};
  v.choice = sample::right{"r"};
  v.secret = "not for you";
  const auto json = schema::to_json(*contract.state().find("everything")->structure, encode(v));
  REQUIRE(json);
  CHECK(*json ==
        R"({"flag":false,"tiny":0,"small":-7,"medium":0,"large":-9223372036854775808,"byte":0,"word":0,"count":1,)"
        R"("huge":18446744073709551615,"ratio":0.1,"exact":0.1,"note":"tab\t\"quoted\" \u0001 é","blob":"aGk=",)"
        R"("colour":"darkGreen","at":"1970-01-01T00:00:01Z",)"
        R"("items":[{"sku":"mug","price":{"minor":250,"currency":"USD"},"colour":"blue"}],"plain":[],"words":[],)"
        R"("numbers":[1,-2],"flags":[true,false],"colours":["red"],"blobs":[],"reals":[],"signed":0,"on":true,"wide":[],)"
        R"("choice":{"right":{"name":"r"}}})");
}

TEST_CASE("json out: a message of the wrong type is an error, and the text stays as it was") {
  std::string out = "before";
  const auto& state = sample::contract::reflection().state();
  CHECK_FALSE(schema::append_json(out, state, "garbage!"));
  CHECK(out == "before");
}

TEST_CASE("json out: bytes that are not UTF-8 never reach a reader") {
  std::string out;
  schema::append_json_string(out, "a\xff\"z");
  CHECK(out == "\"a\xef\xbf\xbd\\\"z\"");
}

TEST_CASE("base64: as RFC 4648 has it") {
  CHECK(schema::to_base64("") == "");
  CHECK(schema::to_base64("f") == "Zg==");
  CHECK(schema::to_base64("fo") == "Zm8=");
  CHECK(schema::to_base64("foo") == "Zm9v");
  CHECK(schema::to_base64("\xff\xfe\xfd") == "//79");
  bytes data;
  for (const auto* bad : {"Z", "Zg", "Zg=", "Zg=a", "Z===", "Zh==", "Zm9v=", "Zm 9", "====", "Zg==Zg=="})
    CHECK_FALSE_MESSAGE(schema::from_base64(bad, data), bad);
  bv::testing::property([](const bytes& any) {
    bytes again;
    RC_ASSERT(schema::from_base64(schema::to_base64(any), again));
    RC_ASSERT(again == any);
  });
}
