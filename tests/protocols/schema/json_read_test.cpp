// Covers: protocols/schema/json_read.cpp protocols/schema/json_values.cpp protocols/schema/json_tape.cpp
#include <doctest/doctest.h>

#include "protocols/schema/commerce/cart.hpp"
#include "protocols/schema/json.hpp"
#include "tests/protocols/schema/fixtures/sample.hpp"

using namespace bv;
using namespace bv::fixtures;
using schema::message_draft;

namespace {

message_draft draft_of(std::string_view command) {
  const auto& contract = sample::contract::reflection();
  return {contract, *contract.find_command(command)};
}

result<bytes> as_command(std::string_view name, std::string_view body) {
  auto draft = draft_of(name);
  draft.set_body(body);
  return draft.finish();
}

/// "code at context" of what is wrong with an `everything`.
std::string wrong(std::string_view members) {
  const auto made = as_command("store", "{\"everything\":{" + std::string(members) + "}}");
  return made ? "nothing" : made.error().code + " at " + made.error().context;
}

std::string why(std::string_view members) {
  const auto made = as_command("store", "{\"everything\":{" + std::string(members) + "}}");
  return made ? "nothing" : made.error().message;
}

template <class Fill>
std::string wrong_query(Fill fill) {
  message_draft draft(contract_of(sample::find_samples{}).parameters());
  fill(draft);
  const auto made = draft.finish();
  return made ? "nothing" : made.error().code + " at " + made.error().context;
}

}  // namespace

TEST_CASE("json in: a body becomes the command that its route names") {
  const auto made = as_command("price", R"({"price": {"currency": "USD", "minor": 250}, "sku": "mug"})");
  REQUIRE(made);
  CHECK(*made == sample::encode(sample::command(sample::price{"mug", {250, "USD"}})));
  sample::command command;
  REQUIRE(sample::decode(*as_command("open", ""), command));
  CHECK(command == sample::command(sample::open{}));
}

TEST_CASE("json in: what is left out has the schema's default") {
  sample::command command;
  REQUIRE(sample::decode(*as_command("store", "{}"), command));
  CHECK(command == sample::command(sample::store{}));
  CHECK(*as_command("store", "{}") == sample::encode(sample::command(sample::store{})));
  CHECK(*as_command("store", R"({"everything":{"nickname":null,"item":null}})") == *as_command("store", "{}"));
}

TEST_CASE("json in: text that is no JSON is refused with line, column and byte") {
  const auto place = [](std::string_view body) {
    const auto made = as_command("price", body);
    return made ? "nothing" : made.error().code + " at " + made.error().context;
  };
  CHECK(place("{\n  \"sku\": mug\n}") == "malformed_json at line 2, column 10 (byte 11)");
  CHECK(place("{") == "malformed_json at line 1, column 2 (byte 1)");
  CHECK(place("{} {}") == "malformed_json at line 1, column 4 (byte 3)");
  CHECK(place("{\"sku\": \"\xff\"}").starts_with("not_utf8 at line 1, column"));
  CHECK(place("{\"sku\": \"\\ud800\"}").starts_with("malformed_json"));
  CHECK(place("{\"sku\": 1e99999999999999999999}").starts_with("number_out_of_range"));
  CHECK(place("[1]") == "wrong_type at ");
  CHECK(place("\"x\"") == "wrong_type at ");
  CHECK(place(std::string(schema::message_size_bytes_max > 0 ? 40 : 0, '[')).starts_with("too_deep"));
}

TEST_CASE("json in: nesting is allowed to the limit and not beyond") {
  const auto nested = [](std::size_t depth) { return "{\"x\":" + std::string(depth, '[') + std::string(depth, ']') + "}"; };
  // An object and 31 arrays: deep enough to reach the check of names.
  CHECK(as_command("price", nested(31)).error().code == "unknown_field");
  CHECK(as_command("price", nested(32)).error().code == "too_deep");
}

TEST_CASE("json in: a wrong type names the path, what was found and what was expected") {
  CHECK(wrong(R"("medium": "5")") == "wrong_type at everything.medium");
  CHECK(why(R"("medium": "5")") == "must be an integer, it is a string");
  CHECK(wrong(R"("flag": 1)") == "wrong_type at everything.flag");
  CHECK(wrong(R"("note": {})") == "wrong_type at everything.note");
  CHECK(wrong(R"("note": null)") == "wrong_type at everything.note");
  CHECK(wrong(R"("items": {})") == "wrong_type at everything.items");
  CHECK(wrong(R"("item": [])") == "wrong_type at everything.item");
  CHECK(wrong(R"("numbers": [1, 2, true])") == "wrong_type at everything.numbers[2]");
  CHECK(wrong(R"("words": ["a", 1])") == "wrong_type at everything.words[1]");
  CHECK(wrong(R"("exact": "1.5")") == "wrong_type at everything.exact");
  CHECK(wrong(R"("at": 5)") == "wrong_type at everything.at");
  CHECK(wrong(R"("at": "yesterday")") == "bad_timestamp at everything.at");
  CHECK(wrong(R"("blob": "a")") == "bad_base64 at everything.blob");
  CHECK(wrong(R"("colour": 1)") == "wrong_type at everything.colour");
  CHECK(wrong(R"("colour": "green")") == "unknown_value at everything.colour");
  CHECK(why(R"("colour": "green")") == "must be one of red, darkGreen, blue");
  CHECK(wrong(R"("colours": ["red", "green"])") == "unknown_value at everything.colours[1]");
  CHECK(wrong(R"("choice": {})") == "wrong_type at everything.choice");
  CHECK(wrong(R"("choice": {"left": {}, "right": {}})") == "wrong_type at everything.choice");
  CHECK(wrong(R"("choice": {"left": {}})") == "nothing");
}

TEST_CASE("json in: unknown, repeated and missing members are named") {
  CHECK(wrong(R"("mediun": 5)") == "unknown_field at everything.mediun");
  CHECK(why(R"("mediun": 5)") == "is not a field of Everything; did you mean medium?");
  CHECK(why(R"("zzz": 5)") == "is not a field of Everything");
  CHECK(wrong(R"("medium": 5, "medium": 5)") == "duplicate_field at everything.medium");
  CHECK(wrong(R"("secret": "x")") == "unknown_field at everything.secret");
  CHECK(wrong(R"("plain": [{"sku": "a", "price": {"minor": 1, "currency": "USD"}}, {"price": {"currency": "USD"}}])") ==
        "missing_field at everything.plain[1].sku");
  CHECK(as_command("price", R"({"sku": "mug"})").error().code == "missing_field");
  CHECK(as_command("price", R"({"sku": "mug"})").error().context == "price");
  CHECK(as_command("price", R"({"sku": "mug", "price": {"minor": 5}})").error().context == "price.currency");
  CHECK(as_command("open", R"({"ticket": "mine"})").error().code == "generated_field");
}

TEST_CASE("json in: numbers that do not fit are refused, whatever their size") {
  CHECK(wrong(R"("tiny": 127, "byte": 255)") == "nothing");
  CHECK(wrong(R"("tiny": 128)") == "number_out_of_range at everything.tiny");
  CHECK(wrong(R"("tiny": -129)") == "number_out_of_range at everything.tiny");
  CHECK(wrong(R"("byte": -1)") == "number_out_of_range at everything.byte");
  CHECK(why(R"("byte": 256)") == "must be between 0 and 255");
  CHECK(wrong(R"("large": 9223372036854775807)") == "nothing");
  CHECK(wrong(R"("large": -9223372036854775808)") == "nothing");
  CHECK(wrong(R"("large": 9223372036854775808)") == "number_out_of_range at everything.large");
  CHECK(wrong(R"("huge": 18446744073709551615)") == "nothing");
  CHECK(wrong(R"("huge": 18446744073709551616)") == "number_out_of_range at everything.huge");
  CHECK(wrong(R"("large": 1e400)") == "number_out_of_range at everything.large");
  CHECK(wrong(R"("exact": 1e400)") == "number_out_of_range at everything.exact");
  CHECK(wrong(R"("ratio": 1e39)") == "number_out_of_range at everything.ratio");
  CHECK(wrong(R"("medium": 1.5)") == "not_an_integer at everything.medium");
  CHECK(wrong(R"("medium": 1e3)") == "nothing");
  CHECK(wrong(R"("count": 0)") == "below_min at everything.count");
  CHECK(wrong(R"("count": 11)") == "above_max at everything.count");
  CHECK(wrong(R"("signed": -6)") == "below_min at everything.signed");
  CHECK(wrong(R"("signed": -5)") == "nothing");
}

TEST_CASE("json in: limits of texts and lists") {
  CHECK(wrong(R"("note": "123456789012345678901")") == "too_long at everything.note");
  CHECK(wrong(R"("nickname": "x")") == "too_short at everything.nickname");
  CHECK(wrong(R"("item": {"sku": "A", "price": {"currency": "USD"}})") == "pattern_mismatch at everything.item.sku");
  std::string items;
  for (int i = 0; i < 41; ++i)
    items += (i ? "," : "") + std::string("{\"sku\":\"") + std::to_string(i) + "\",\"price\":{\"currency\":\"USD\"}}";
  CHECK(wrong("\"items\": [" + items + "]") == "too_long at everything.items");
  CHECK(wrong(R"("items": [{"sku": "a", "price": {"currency": "USD"}}, {"sku": "a", "price": {"currency": "USD"}}])") ==
        "duplicate_key at everything.items[1].sku");
}

TEST_CASE("json in: a short text can't ask for a huge message") {
  std::string elements;
  for (int i = 0; i < 400'000; ++i) elements += i ? ",{}" : "{}";
  CHECK(wrong("\"plain\": [" + elements + "]") == "message_too_large at everything.plain");
}

TEST_CASE("json in: the order of members does not change the message") {
  const auto one = as_command("price", R"({"sku":"mug","price":{"minor":250,"currency":"USD"}})");
  const auto other = as_command("price", "{ \"price\":{\"currency\":\"U\\u0053D\", \"minor\":2.5e2},\n\"sku\":\"mug\" }");
  REQUIRE(other);
  CHECK(*one == *other);
}

TEST_CASE("json in: the path gives fields too, and must not contradict the body") {
  const auto with_path = [](std::string_view body, std::string_view sku) {
    auto draft = draft_of("price");
    draft.set_body(body);
    draft.set_from_text("sku", sku);
    return draft.finish();
  };
  const std::string price = R"("price":{"minor":1,"currency":"USD"})";
  const auto expected = sample::encode(sample::command(sample::price{"mug", {1, "USD"}}));
  CHECK(with_path("{" + price + "}", "mug") == expected);
  CHECK(with_path(R"({"sku":"mug",)" + price + "}", "mug") == expected);
  const auto conflict = with_path(R"({"sku":"cup",)" + price + "}", "mug");
  CHECK(conflict.error().code == "conflicting_field");
  CHECK(conflict.error().context == "sku");
  CHECK(with_path("{" + price + "}", "much too long").error().code == "too_long");
  CHECK(with_path("{" + price + "}", "\xff").error().code == "not_utf8");
}

TEST_CASE("json in: the edge fills generated fields") {
  auto draft = draft_of("open");
  draft.set_body(R"({"note":"hello"})");
  draft.set_generated("ticket", "T-1");
  CHECK(draft.finish() == sample::encode(sample::command(sample::open{"T-1", "hello"})));
}

TEST_CASE("json in: a query string sets the fields of a query") {
  message_draft draft(contract_of(sample::find_samples{}).parameters());
  draft.set_from_text("colour", "blue");
  draft.set_from_text("limit", "7");
  draft.set_from_text("tag", "new");
  draft.set_from_text("tag", "red hot");
  draft.set_from_text("cheap", "true");
  draft.set_from_text("since", "1970-01-01T00:00:01Z");
  draft.set_from_text("text", "");
  const auto made = draft.finish();
  REQUIRE(made);
  CHECK(*made == sample::encode(sample::find_samples{sample::colour::blue, 7, {"new", "red hot"}, true, {1'000'000'000}, ""}));
}

TEST_CASE("json in: a query string's errors are those of a body") {
  CHECK(wrong_query([](auto&) {}) == "nothing");
  CHECK(wrong_query([](auto& q) { q.set_from_text("limit", "many"); }) == "wrong_type at limit");
  CHECK(wrong_query([](auto& q) { q.set_from_text("limit", ""); }) == "wrong_type at limit");
  CHECK(wrong_query([](auto& q) { q.set_from_text("limit", "-1"); }) == "number_out_of_range at limit");
  CHECK(wrong_query([](auto& q) { q.set_from_text("limit", "99999999999999999999999"); }) == "number_out_of_range at limit");
  CHECK(wrong_query([](auto& q) { q.set_from_text("limit", "0x10"); }) == "wrong_type at limit");
  CHECK(wrong_query([](auto& q) { q.set_from_text("limit", "101"); }) == "above_max at limit");
  CHECK(wrong_query([](auto& q) { q.set_from_text("limit", "1.5"); }) == "not_an_integer at limit");
  CHECK(wrong_query([](auto& q) { q.set_from_text("colour", "pink"); }) == "unknown_value at colour");
  CHECK(wrong_query([](auto& q) { q.set_from_text("cheap", "yes"); }) == "wrong_type at cheap");
  CHECK(wrong_query([](auto& q) { q.set_from_text("since", "now"); }) == "bad_timestamp at since");
  CHECK(wrong_query([](auto& q) { q.set_from_text("limti", "5"); }) == "unknown_field at limti");
  CHECK(wrong_query([](auto& q) {
          q.set_from_text("limit", "5");
          q.set_from_text("limit", "5");
        }) == "duplicate_field at limit");
  CHECK(wrong_query([](auto& q) {
          for (int i = 0; i < 4; ++i) q.set_from_text("tag", "x");
        }) == "too_long at tag");
}

TEST_CASE("json in: the cart's commands as a shopper sends them") {
  const auto& cart = commerce::cart::contract::reflection();
  message_draft draft(cart, *cart.find_command("addItem"));
  draft.set_body(R"({"sku":"MUG-1","quantity":2})");
  CHECK(draft.finish() == commerce::cart::encode(commerce::cart::command(commerce::cart::add_item{"MUG-1", 2})));
}
