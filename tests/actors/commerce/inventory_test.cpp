#include "protocols/schema/commerce/inventory.hpp"

#include <array>

#include "actors/commerce/commerce.hpp"
#include "actors/commerce/inventory_limits.hpp"
#include "tests/actors/scenario.hpp"

namespace bv::commerce::inventory {
namespace {

using namespace bv::test;
using namespace std::chrono_literals;

struct stock_story : scenario<contract> {
  stock_story() : scenario(make_inventory(), "inventory", "MUG-1") {}
  /// available, reserved, sold
  std::array<std::int64_t, 3> counts() const {
    const auto held = now_held();
    CHECK(held.available + held.reserved + held.sold == held.received);
    return {held.available, held.reserved, held.sold};
  }
};

using counts = std::array<std::int64_t, 3>;
const event hundred = initialised{"MUG-1", "p-1", 100, start};
const event twelve = initialised{"MUG-1", "p-1", 12, start};
constexpr auto five_minutes_on = start + 5min;

}  // namespace

TEST_CASE("inventory: a new product brings its stock, once") {
  stock_story story;
  story.when(initialise{"p-1", 100}).then({hundred});
  story.when(initialise{"p-1", 100}).without_effect();
  CHECK(story.counts() == counts{100, 0, 0});
}

TEST_CASE("inventory: a SKU belongs to one product at a time") {
  stock_story story;
  story.given({hundred}).when(initialise{"p-2", 5}).rejected("sku_taken");
  story.when(retire{"p-2"}).without_effect();
  story.when(retire{"p-1"}).then({retired{"p-1", start}});
  story.when(reserve{"r-1", 1}).rejected("sku_retired");
  story.when(initialise{"p-2", 5}).then({initialised{"MUG-1", "p-2", 5, start}});
  CHECK(story.counts() == counts{105, 0, 0});
  story.when(reserve{"r-1", 1}).then({reserved{"r-1", 1, five_minutes_on}});
}

TEST_CASE("inventory: nothing can be done with a SKU that no product has brought") {
  stock_story story;
  story.when(receive{5, {}}).rejected("sku_unknown", error_kind::not_found);
  story.when(adjust{5, "found"}).rejected("sku_unknown", error_kind::not_found);
  story.when(reserve{"r-1", 1}).rejected("sku_unknown", error_kind::not_found);
  story.when(inventory::commit{"r-1"}).rejected("sku_unknown", error_kind::not_found);
  story.when(restock{"o-1", 1}).rejected("sku_unknown", error_kind::not_found);
  story.when(release{"r-1"}).without_effect();
}

TEST_CASE("inventory: deliveries and corrections change what is available") {
  stock_story story;
  story.given({hundred}).when(receive{50, "note 7"}).then({received{50, "note 7", start}});
  story.when(adjust{-20, "broken"}).then({adjusted{-20, "broken", start}});
  story.when(adjust{0, "counted"}).without_effect();
  CHECK(story.counts() == counts{130, 0, 0});
  story.when(adjust{-131, "stolen"}).rejected("stock_below_zero");
}

TEST_CASE("inventory: reserved units are neither available nor lost to a correction") {
  stock_story story;
  story.given({hundred}).when(reserve{"r-1", 60}).then({reserved{"r-1", 60, five_minutes_on}});
  CHECK(story.counts() == counts{40, 60, 0});
  story.when(adjust{-41, "stolen"}).rejected("stock_below_zero");
}

TEST_CASE("inventory: first come, first served, and never more than there is") {
  stock_story story;
  story.given({hundred}).when(reserve{"r-1", 60});
  story.when(reserve{"r-2", 41}).rejected("out_of_stock");
  story.when(reserve{"r-3", 40})
      .then({reserved{"r-3", 40, five_minutes_on}, reorder_needed{"MUG-1", 0, start}});
  story.when(reserve{"r-4", 1}).rejected("out_of_stock");
}

TEST_CASE("inventory: the same reservation again is accepted without effect") {
  stock_story story;
  story.given({hundred}).when(reserve{"r-1", 2});
  story.when(reserve{"r-1", 2}).without_effect();
  story.when(reserve{"r-1", 3}).rejected("reservation_conflict");
  CHECK(story.counts() == counts{98, 2, 0});
}

TEST_CASE("inventory: a release frees the units; releasing what is not open changes nothing") {
  stock_story story;
  story.given({hundred}).when(release{"r-1"}).without_effect();
  story.when(reserve{"r-1", 2});
  story.when(release{"r-1"}).then({released{"r-1", 2, start}});
  story.when(release{"r-1"}).without_effect();
  CHECK(story.counts() == counts{100, 0, 0});
}

TEST_CASE("inventory: committed units are sold") {
  stock_story story;
  story.given({hundred}).when(reserve{"r-1", 2});
  story.when(inventory::commit{"r-1"}).then({committed{"r-1", 2, start}});
  CHECK(story.counts() == counts{98, 0, 2});
  CHECK(story.wakes_at() == timestamp{});
}

TEST_CASE("inventory: a reservation frees itself after five minutes") {
  stock_story story;
  story.given({hundred}).when(reserve{"r-1", 2});
  story.at(start + 1min).when(reserve{"r-2", 3});
  CHECK(story.wakes_at() == five_minutes_on);
  story.at(five_minutes_on - 1ns).when(expire{}).without_effect();
  story.when_woken().then({reservation_expired{"r-1", 2, five_minutes_on}});
  CHECK(story.counts() == counts{97, 3, 0});
  CHECK(story.wakes_at() == start + 6min);
}

TEST_CASE("inventory: an expired reservation can't be sold, even before the timer came") {
  stock_story story;
  story.given({hundred}).when(reserve{"r-1", 2});
  story.at(five_minutes_on).when(inventory::commit{"r-1"}).rejected("reservation_expired");
  story.when_woken().then({reservation_expired{"r-1", 2, five_minutes_on}});
  story.when(inventory::commit{"r-1"}).rejected("reservation_expired");
  story.when(inventory::commit{"never"}).rejected("reservation_expired");
}

TEST_CASE("inventory: a clock that steps back does not mix up the order of expiry") {
  stock_story story;
  story.given({hundred}).when(reserve{"r-1", 1});
  story.at(start - 1h).when(reserve{"r-2", 1}).then({reserved{"r-2", 1, five_minutes_on}});
}

TEST_CASE("inventory: one firing of the timer frees a bounded number, and the timer fires again") {
  stock_story story;
  story.given({initialised{"MUG-1", "p-1", 2'000, start}});
  for (std::size_t i = 0; i < expiries_per_wake_up_max + 1; ++i)
    story.when(reserve{"r-" + std::to_string(i), 1});
  story.when_woken();
  CHECK(story.now_held().reservations.size() == 1);
  CHECK(story.wakes_at() == five_minutes_on);
  story.when_woken();
  CHECK(story.counts() == counts{2'000, 0, 0});
}

TEST_CASE("inventory: returned units come back to the shelf, no more than were sold") {
  stock_story story;
  story.given({hundred, reserved{"r-1", 2, five_minutes_on}, committed{"r-1", 2, start}});
  story.when(restock{"order-1", 3}).rejected("more_than_sold");
  story.when(restock{"order-1", 2}).then({restocked{"order-1", 2, start}});
  CHECK(story.counts() == counts{100, 0, 0});
}

TEST_CASE("inventory: somebody is told to reorder at ten units, once for each time it falls so far") {
  stock_story story;
  story.given({twelve}).when(reserve{"r-1", 1}).then({reserved{"r-1", 1, five_minutes_on}});
  story.when(reserve{"r-2", 1});
  story.then({reserved{"r-2", 1, five_minutes_on}, reorder_needed{"MUG-1", 10, start}});
  story.when(reserve{"r-3", 1}).then({reserved{"r-3", 1, five_minutes_on}});
  story.when(receive{5, {}});
  CHECK_FALSE(story.now_held().low);
  story.when(adjust{-4, "broken"});
  story.then({adjusted{-4, "broken", start}, reorder_needed{"MUG-1", 10, start}});
}

TEST_CASE("inventory: a product that begins with ten units or fewer is to be reordered at once") {
  stock_story story;
  story.when(initialise{"p-1", 10});
  story.then({initialised{"MUG-1", "p-1", 10, start}, reorder_needed{"MUG-1", 10, start}});
}

TEST_CASE("inventory: the stock of a SKU is bounded") {
  stock_story story;
  story.given({hundred, received{1'000'000'000 - 100, {}, start}});
  story.when(receive{1, {}}).rejected("stock_above_maximum");
  story.when(adjust{1, "found"}).rejected("stock_above_maximum");
}

// With a scan or a copy in any command this takes hours instead of seconds.
TEST_CASE("inventory: a hot SKU with half a million open reservations stays quick") {
  constexpr int open = 500'000;
  const auto type = make_inventory();
  const auto held = type->create();
  const auto self = entity_key::trusted("default", "inventory", "MUG-1");
  const known_facts none;
  const auto send = [&](const command& asked, timestamp now) {
    return type->handle(*held, contract::encode(asked), {now, self, 1, "", "", 0, none}).has_value();
  };
  REQUIRE(send(initialise{"p-1", 1'000'000}, start));
  int accepted = 0;
  for (int i = 0; i < open; ++i) accepted += send(reserve{"r-" + std::to_string(i), 1}, start) ? 1 : 0;
  for (int i = 0; i < open; i += 100) {
    accepted += send(inventory::commit{"r-" + std::to_string(open - 1 - i)}, start) ? 1 : 0;
    accepted += send(release{"r-" + std::to_string(i)}, start) ? 1 : 0;
  }
  for (int i = 0; i < 100; ++i) accepted += send(expire{}, five_minutes_on) ? 1 : 0;
  CHECK(accepted == open + open / 50 + 100);
  state after;
  REQUIRE(contract::decode(type->encode(*held), after));
  CHECK(after.reserved == open - open / 50 - 100 * static_cast<int>(expiries_per_wake_up_max));
  CHECK(after.available + after.reserved + after.sold == 1'000'000);
}

}  // namespace bv::commerce::inventory
