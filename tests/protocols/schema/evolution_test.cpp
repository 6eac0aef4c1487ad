// What an older version wrote must be read by every later one.
#include <doctest/doctest.h>

#include "protocols/schema/commerce/cart.hpp"
#include "protocols/schema/json.hpp"
#include "tests/protocols/schema/fixtures/sample.hpp"
#include "tests/protocols/schema/fixtures/sample_v0.hpp"

using namespace bv;
using namespace bv::fixtures;

namespace {

int digit(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

bytes from_hex(std::string_view text) {
  bytes data;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) data.push_back(static_cast<char>(digit(text[i]) * 16 + digit(text[i + 1])));
  return data;
}

}  // namespace

TEST_CASE("evolution: an event of an older schema reads with the new fields at their defaults") {
  sample_v0::everything old;
  old.flag = true;
  old.small = 12;
  old.medium = -70'000;
  const auto stored = sample_v0::encode(sample_v0::event(sample_v0::stored{old}));
  sample::event event;
  REQUIRE(sample::decode(stored, event));
  sample::everything expected;
  expected.flag = true;
  expected.small = 12;
  expected.medium = -70'000;
  CHECK(event == sample::event(sample::stored{expected, {}}));
  CHECK(expected.count == 1);
  CHECK(expected.on);

  // Protocols read it too, without the C++ types.
  std::string json;
  REQUIRE(schema::append_member_json(json, sample::contract::reflection().event_root(), 0, stored));
  CHECK(json.find("\"medium\":-70000") != json.npos);
  CHECK(json.find("\"count\":1,") != json.npos);
  CHECK(json.find("\"colour\":\"darkGreen\"") != json.npos);
}

TEST_CASE("evolution: a snapshot of an older schema reads, and is written again in the new one") {
  const auto old = sample_v0::encode(sample_v0::state{.everything = {.flag = true}});
  sample::state state;
  REQUIRE(sample::decode(old, state));
  CHECK(state.everything.flag);
  sample::state again;
  REQUIRE(sample::decode(sample::encode(state), again));
  CHECK(again == state);
}

TEST_CASE("evolution: a journal's bytes are what they were on the first day") {
  // Written on 2026-11-21. If this fails, journals in the field can't be read any more.
  const commerce::cart::event event =
      commerce::cart::item_added{{"MUG-1", "Enamel mug", 2, {1250, "USD"}}, 2, {1'700'000'000'000'000'000}};
  const std::string_view recorded =
      "0000000010000000000000000100010000000000000000000000000002000100020000000000000000002a36fe9c9717"
      "000000000100030002000000000000000900000032000000090000005a0000000c000000010001004d55472d31000000"
      "456e616d656c206d7567000000000000e20400000000000001000000220000005553440000000000";
  commerce::cart::event read;
  REQUIRE(commerce::cart::decode(from_hex(recorded), read));
  CHECK(read == event);
  CHECK(commerce::cart::encode(event) == from_hex(recorded));
}
