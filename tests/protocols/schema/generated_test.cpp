// What the generator makes of a contract: values, encoding, validation.
// Covers: protocols/schema/message.cpp protocols/schema/validation.cpp
#include <capnp/message.h>
#include <capnp/serialize.h>
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cstring>

#include "protocols/schema/commerce/cart.hpp"
#include "protocols/schema/contract.hpp"
#include "protocols/schema/message.hpp"
#include "protocols/schema/validation.hpp"
#include "tests/protocols/schema/arbitrary.hpp"
#include "tests/protocols/schema/fixtures/sample.capnp.h"
#include "tests/protocols/schema/property.hpp"

using namespace bv;
using namespace bv::fixtures;

namespace {

template <class T>
std::string breach(const T& value) {
  const auto checked = validate(value);
  return checked ? "" : checked.error().code + " " + checked.error().context;
}

}  // namespace

TEST_CASE("generated: values have the schema's defaults and compare member by member") {
  sample::everything one, other;
  CHECK(one.small == -7);
  CHECK(one.count == 1);
  CHECK(one.on);
  CHECK(one.colour == sample::colour::dark_green);
  CHECK(to_string(one.colour) == "darkGreen");
  CHECK(one == other);
  other.items.insert({"a", {1, "USD"}, {}});
  CHECK_FALSE(one == other);
}

TEST_CASE("generated: decode gives back what encode took") {
  bv::testing::property([] {
    const sample::state value{.everything = *any_everything(), .gone = *rc::gen::arbitrary<bool>(), .secret = "s"};
    sample::state again;
    again.everything.items.insert({"left over", {}, {}});
    RC_ASSERT(sample::decode(sample::encode(value), again));
    RC_ASSERT(again == value);
    RC_ASSERT(validate(value));
    const sample::event event = sample::stored{value.everything, {5}};
    sample::event event_again;
    RC_ASSERT(sample::decode(sample::encode(event), event_again));
    RC_ASSERT(event_again == event);
  });
}

TEST_CASE("generated: equal values have equal bytes, wherever they were built") {
  bv::testing::property([] {
    const auto value = *any_everything();
    auto copy = value;
    copy.items = {};
    for (const auto& item : value.items) copy.items.insert(item);
    RC_ASSERT(sample::encode(value) == sample::encode(copy));
  });
}

TEST_CASE("generated: the bytes are a message that any Cap'n Proto reads") {
  const sample::command command = sample::price{"mug", {250, "EUR"}};
  const auto data = sample::encode(command);
  std::vector<capnp::word> words(data.size() / sizeof(capnp::word));
  std::memcpy(static_cast<void*>(words.data()), data.data(), data.size());
  capnp::FlatArrayMessageReader reader(kj::arrayPtr(words.data(), words.size()));
  const auto root = reader.getRoot<sample::wire::Command>();
  REQUIRE(root.isPrice());
  CHECK(root.getPrice().getSku() == "mug");
  CHECK(root.getPrice().getPrice().getMinor() == 250);
}

TEST_CASE("generated: decode reads from any address") {
  const sample::command command = sample::price{"mug", {250, "EUR"}};
  for (std::size_t shift = 0; shift < 8; ++shift) {
    const auto moved = std::string(shift, 'x') + sample::encode(command);
    sample::command again;
    REQUIRE(sample::decode(bytes_view(moved).substr(shift), again));
    CHECK(again == command);
  }
}

TEST_CASE("generated: a message larger than the scratch space is whole") {
  sample::everything value;
  for (int i = 0; i < 3000; ++i) value.words.push_back("word " + std::to_string(i));
  sample::everything again;
  REQUIRE(sample::decode(sample::encode(value), again));
  CHECK(again == value);
}

TEST_CASE("generated: validate names the path and the limit") {
  using namespace bv::commerce;
  const auto line = [](std::string sku, std::uint32_t quantity) { return commerce::line{std::move(sku), "", quantity, {1, "USD"}}; };
  CHECK(breach(cart::command(cart::add_item{"MUG-1", 2})) == "");
  CHECK(breach(cart::command(cart::add_item{"MUG-1", 0})) == "below_min addItem.quantity");
  CHECK(breach(cart::command(cart::add_item{"MUG-1", 11})) == "above_max addItem.quantity");
  CHECK(breach(cart::command(cart::add_item{"", 1})) == "too_short addItem.sku");
  CHECK(breach(cart::command(cart::add_item{std::string(65, 'a'), 1})) == "too_long addItem.sku");
  CHECK(breach(cart::command(cart::add_item{"no spaces", 1})) == "pattern_mismatch addItem.sku");
  CHECK(breach(cart::command(cart::add_item{"MUG-1\n", 1})) == "pattern_mismatch addItem.sku");
  cart::state state;
  for (int i = 0; i < 4; ++i) state.lines.insert(line("SKU-" + std::to_string(i), 1));
  CHECK(breach(state) == "");
  state.lines.find("SKU-3")->quantity = 12;
  CHECK(breach(state) == "above_max lines[3].quantity");
  state.lines.find("SKU-2")->unit_price.currency = "usd";
  CHECK(breach(state) == "pattern_mismatch lines[2].unitPrice.currency");

  sample::everything all;
  all.note = "\xff";
  CHECK(breach(all) == "not_utf8 note");
  all.note = "";
  all.words = {"fine", "\xc0\x80"};
  CHECK(breach(all) == "not_utf8 words[1]");
  all.words.clear();
  all.nickname = "x";
  CHECK(breach(all) == "too_short nickname");
  all.nickname.reset();
  all.signed_ = -6;
  CHECK(breach(all) == "below_min signed");
  all.signed_ = 0;
  all.blob = std::string(17, 'x');
  CHECK(breach(all) == "too_long blob");
  all.blob.clear();
  for (int i = 0; i < 41; ++i) all.items.insert({std::to_string(i), {1, "USD"}, {}});
  CHECK(breach(all) == "too_long items");
}

TEST_CASE("generated: two elements with one key are refused when they are read") {
  capnp::MallocMessageBuilder message;
  auto items = message.initRoot<sample::wire::Everything>().initItems(2);
  items[0].setSku("same");
  items[1].setSku("same");
  sample::everything value;
  const auto read = sample::decode(schema::to_bytes(message), value);
  REQUIRE_FALSE(read);
  CHECK(read.error().code == "duplicate_key");
  CHECK(read.error().context == "items");
}

TEST_CASE("generated: what a later version added to a union or an enum is refused, not guessed") {
  capnp::MallocMessageBuilder message;
  auto item = message.initRoot<sample::wire::Item>();
  item.setColour(static_cast<sample::wire::Colour>(3));
  sample::item value;
  CHECK(sample::decode(schema::to_bytes(message), value).error().code == "unknown_member");

  capnp::MallocMessageBuilder other;
  // The discriminant lies in the first bytes of the data section.
  other.initRoot<capnp::AnyPointer>().initAsAnyStruct(1, 1).getDataSection()[0] = 9;
  sample::event event;
  CHECK(sample::decode(schema::to_bytes(other), event).error().code == "unknown_member");
}

TEST_CASE("utf-8: accepts what RFC 3629 accepts and nothing else") {
  using schema::is_utf8;
  for (const auto* good : {"", "plain", "é", "€", "😀", "\xef\xbf\xbf", "\xf4\x8f\xbf\xbf"}) CHECK_MESSAGE(is_utf8(good), good);
  for (const auto* bad : {"\x80", "\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "a\xff"})
    CHECK_FALSE(is_utf8(bad));
  CHECK(is_utf8(std::string(1, '\0')));
}
