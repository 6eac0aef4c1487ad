// covers: actors/runtime/recent_batches.cpp actors/runtime/event_kinds.cpp
#include "actors/runtime/recent_batches.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <memory>

using namespace bv;
using namespace bv::runtime;
using bv::storage::event_offset;
using bv::storage::log_index;

namespace {

/// A batch of `size_bytes` with the offsets `first` to `last`, all of them `type`'s event 3.
committed_batch batch_of(std::uint64_t index, std::uint64_t first, std::uint64_t last, std::size_t size_bytes = 10,
                         std::string_view type = "cart") {
  committed_batch made{.index = log_index{index},
                       .first_offset = event_offset{first},
                       .last_offset = event_offset{last},
                       .data = std::make_shared<const bytes>(size_bytes, 'x'),
                       .kinds = {}};
  made.kinds.add(event_kinds::tag_of(type), 3);
  return made;
}

std::vector<std::uint64_t> indexes(const std::optional<std::vector<committed_batch>>& found) {
  REQUIRE(found.has_value());
  std::vector<std::uint64_t> all;
  for (const auto& batch : *found) all.push_back(batch.index.value);
  return all;
}

using numbers = std::vector<std::uint64_t>;
const auto everything = event_kinds::all();

}  // namespace

TEST_CASE("recent batches: a reader goes on where it stopped, inside a batch too") {
  recent_batches recent(1000);
  CHECK_FALSE(recent.read(event_offset{0}, 100, everything).has_value());
  recent.add(batch_of(7, 21, 25));
  recent.add(batch_of(8, 26, 26));
  recent.add(batch_of(9, 27, 30));
  CHECK(indexes(recent.read(event_offset{20}, 100, everything)) == numbers{7, 8, 9});
  CHECK(indexes(recent.read(event_offset{23}, 100, everything)) == numbers{7, 8, 9});
  CHECK(indexes(recent.read(event_offset{25}, 100, everything)) == numbers{8, 9});
  CHECK(indexes(recent.read(event_offset{30}, 100, everything)) == numbers{});
  CHECK_FALSE(recent.read(event_offset{19}, 100, everything).has_value());
}

TEST_CASE("recent batches: a page is bounded by what its reader wants of it") {
  recent_batches recent(1000);
  for (std::uint64_t i = 1; i <= 6; ++i) recent.add(batch_of(i, i, i, 10, i % 2 ? "cart" : "order"));
  CHECK(indexes(recent.read(event_offset{0}, 15, everything)) == numbers{1, 2});
  const std::vector<event_interest> orders{{"order"}};
  CHECK(indexes(recent.read(event_offset{0}, 15, event_kinds::of(orders))) == numbers{1, 2, 3, 4});
}

TEST_CASE("recent batches: the oldest leave when there are too many bytes; batches without events never come in") {
  recent_batches recent(30);
  for (std::uint64_t i = 1; i <= 4; ++i) recent.add(batch_of(i, i, i));
  CHECK_FALSE(recent.read(event_offset{0}, 100, everything).has_value());
  CHECK(indexes(recent.read(event_offset{1}, 100, everything)) == numbers{2, 3, 4});
  recent.add(batch_of(5, 5, 4));
  CHECK(indexes(recent.read(event_offset{1}, 100, everything)) == numbers{2, 3, 4});
  recent.add(batch_of(6, 5, 9, 500));
  CHECK(indexes(recent.read(event_offset{4}, 100, everything)) == numbers{6});
}

TEST_CASE("event kinds: what is there is never denied") {
  CHECK(rc::check([](const std::vector<std::pair<std::string, std::uint16_t>>& held) {
    event_kinds kinds;
    for (const auto& [type, ordinal] : held) kinds.add(event_kinds::tag_of(type), ordinal);
    for (const auto& [type, ordinal] : held) {
      const std::vector<event_interest> one{{type, {ordinal}}}, whole{{type}};
      RC_ASSERT(kinds.may_share(event_kinds::of(one)));
      RC_ASSERT(kinds.may_share(event_kinds::of(whole)));
      RC_ASSERT(kinds.may_share(event_kinds::of({})));
    }
  }));
}

TEST_CASE("event kinds: what is not there is mostly denied") {
  event_kinds carts;
  carts.add(event_kinds::tag_of("cart"), 0);
  const std::vector<event_interest> checkouts{{"cart", {4}}}, orders{{"order"}}, carts_and_orders{{"order"}, {"cart"}};
  CHECK_FALSE(carts.may_share(event_kinds::of(checkouts)));
  CHECK_FALSE(carts.may_share(event_kinds::of(orders)));
  CHECK(carts.may_share(event_kinds::of(carts_and_orders)));
  CHECK_FALSE(event_kinds{}.may_share(event_kinds::all()));
}

TEST_CASE("event interests: a type, some of its events, or everything") {
  const std::vector<event_interest> some{{"cart", {1, 4}}, {"order"}};
  CHECK(wanted(some, "cart", 4));
  CHECK_FALSE(wanted(some, "cart", 2));
  CHECK(wanted(some, "order", 2));
  CHECK_FALSE(wanted(some, "payment", 1));
  CHECK(wanted({}, "payment", 1));
}
