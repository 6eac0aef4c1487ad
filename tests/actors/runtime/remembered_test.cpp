#include "actors/runtime/remembered.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace bv;
using namespace bv::runtime;

namespace {

constexpr duration window = std::chrono::hours{24};

remembered_command command(int number, timestamp at = {1}) {
  return {.id = hash128(std::to_string(number)),
          .body_hash = static_cast<std::uint64_t>(number),
          .at = at,
          .index = {},
          .reply = std::to_string(number)};
}

}  // namespace

TEST_CASE("remembered: every one of few or many is found, and nothing else") {
  remembered_commands all;
  for (int i = 0; i < 100; ++i) {
    all.remember(command(i), 1000, window);
    for (int k = 0; k <= i; ++k) {
      const auto* found = all.find(hash128(std::to_string(k)));
      REQUIRE(found);
      CHECK(found->reply == std::to_string(k));
    }
    CHECK_FALSE(all.find(hash128("another")));
  }
}

TEST_CASE("remembered: beyond the count the oldest are forgotten, one for one") {
  remembered_commands all;
  for (int i = 0; i < 500; ++i) {
    all.remember(command(i), 40, window);
    const int first = std::max(0, i - 39);
    CHECK(all.oldest_first().size() == static_cast<std::size_t>(i - first + 1));
    CHECK(all.oldest_first().front().body_hash == static_cast<std::uint64_t>(first));
    CHECK(all.find(hash128(std::to_string(first))));
    if (first > 0) CHECK_FALSE(all.find(hash128(std::to_string(first - 1))));
  }
}

TEST_CASE("remembered: what is older than the window is forgotten when something new comes") {
  remembered_commands all;
  all.remember(command(1, {0}), 1000, window);
  all.remember(command(2, timestamp{} + window), 1000, window);
  CHECK(all.find(hash128("1")));
  all.remember(command(3, timestamp{1} + window), 1000, window);
  CHECK_FALSE(all.find(hash128("1")));
  CHECK(all.find(hash128("2")));
}

TEST_CASE("remembered: a reply comes back as it was, marked as repeated") {
  const auto accepted = decode_reply(encode_reply(receipt{.version = 7, .events = {3, 1}}));
  REQUIRE(accepted.has_value());
  CHECK(accepted->version == 7);
  CHECK(accepted->events == std::vector<std::uint16_t>{3, 1});
  CHECK(accepted->repeated);
  const error why{error_kind::conflict, "cart_full", "a cart holds at most 100 lines", "lines"};
  const auto rejected = decode_reply(encode_reply(failure(why)));
  REQUIRE_FALSE(rejected.has_value());
  CHECK(rejected.error() == why);
}
