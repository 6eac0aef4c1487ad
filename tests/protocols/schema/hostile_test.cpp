// Bytes and texts that nobody well-meaning sends: whatever they are, the answer is a value or an error.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "protocols/schema/json.hpp"
#include "tests/protocols/schema/arbitrary.hpp"
#include "tests/protocols/schema/property.hpp"

using namespace bv;
using namespace bv::fixtures;

namespace {

void read_everything(bytes_view data) {
  sample::state state;
  sample::command command;
  sample::event event;
  const auto decoded = sample::decode(data, state);
  if (!decoded) RC_ASSERT(decoded.error().kind == error_kind::invalid);
  if (sample::decode(data, command)) (void)sample::validate(command);
  if (sample::decode(data, event)) (void)sample::encode(event);
  const auto& contract = sample::contract::reflection();
  (void)schema::to_json(contract.state(), data);
  (void)schema::to_json(contract.command_root(), data);
}

}  // namespace

TEST_CASE("hostile: random bytes are never more than an error") {
  bv::testing::property([](const std::string& data) { read_everything(data); });
  bv::testing::property([] {
    // A well-formed frame around random words goes further.
    const auto words = *rc::gen::inRange<std::uint32_t>(1, 40);
    const std::uint32_t table[2] = {0, words};
    auto data = std::string(reinterpret_cast<const char*>(table), sizeof(table));
    data += *rc::gen::container<std::string>(words * 8, rc::gen::arbitrary<char>());
    read_everything(data);
  });
}

TEST_CASE("hostile: a message with flipped bits, or cut anywhere, is never more than an error") {
  bv::testing::property([] {
    auto data = sample::encode(sample::state{.everything = *any_everything(), .gone = false, .secret = {}});
    const auto flips = *rc::gen::inRange(1, 6);
    for (int i = 0; i < flips; ++i)
      data[*rc::gen::inRange<std::size_t>(0, data.size())] ^= static_cast<char>(1 << *rc::gen::inRange(0, 8));
    read_everything(data);
    read_everything(bytes_view(data).substr(0, *rc::gen::inRange<std::size_t>(0, data.size())));
  });
}

namespace {

/// A pointer to a list that starts `distance` words after the pointer's end; `size` is Cap'n Proto's code for elements.
std::uint64_t list_pointer(std::uint64_t distance, std::uint64_t size, std::uint64_t count) {
  return 1 | distance << 2 | size << 32 | count << 35;
}

/// An `everything` whose list of words has `count` elements that are all the same text of `text_words` words.
bytes one_text_many_times(std::uint64_t count, std::uint64_t text_words) {
  constexpr std::uint64_t bytes_size = 2, pointers_size = 6;
  const auto& state = sample::contract::reflection().state();
  const auto slot = state.find("everything")->structure->find("words")->slot;
  std::vector<std::uint64_t> words;
  words.push_back((slot + 1 + 1 + count + text_words) << 32);  // one segment of so many words
  words.push_back(std::uint64_t{slot + 1} << 48);              // a struct without data
  words.resize(words.size() + slot, 0);
  words.push_back(list_pointer(0, pointers_size, count));
  for (std::uint64_t i = 0; i < count; ++i) words.push_back(list_pointer(count - i - 1, bytes_size, text_words * 8));
  words.resize(words.size() + text_words, 0);
  return {reinterpret_cast<const char*>(words.data()), words.size() * 8};
}

}  // namespace

TEST_CASE("hostile: a message that points many times at one place is refused before it costs much") {
  sample::everything value;
  REQUIRE(sample::decode(one_text_many_times(4, 10), value));
  CHECK(value.words.size() == 4);
  const auto read = sample::decode(one_text_many_times(500, 500), value);
  REQUIRE_FALSE(read);
  CHECK(read.error().code == "malformed_message");
}

TEST_CASE("hostile: random text is never more than an error as JSON") {
  const auto& contract = sample::contract::reflection();
  const auto read = [&](std::string_view text) {
    for (const auto& command : contract.commands()) {
      schema::message_draft draft(contract, command);
      draft.set_body(text);
      const auto made = draft.finish();
      if (!made) {
        RC_ASSERT(made.error().kind == error_kind::invalid);
        RC_ASSERT(!made.error().code.empty());
      } else {
        sample::command decoded;
        RC_ASSERT(sample::decode(*made, decoded));
        RC_ASSERT(sample::validate(decoded));
      }
    }
  };
  bv::testing::property([&](const std::string& text) { read(text); });
  bv::testing::property([&] {
    static const std::vector<std::string> tokens{"{", "}", "[", "]", ",", ":", "\"everything\"", "\"sku\"", "\"items\"", "\"price\"",
                                                 "\"minor\"", "1", "-1", "1e999", "0.5", "18446744073709551616", "null", "true",
                                                 "\"\\ud800\"", "\"x\"", "\"USD\"", " ", "\"currency\""};
    std::string text;
    for (const auto& token : *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(tokens))) text += token;
    read(text);
    read("{" + text + "}");
  });
}
