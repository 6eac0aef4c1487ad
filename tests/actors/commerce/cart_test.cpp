#include "protocols/schema/commerce/cart.hpp"

#include "actors/commerce/commerce.hpp"
#include "actors/commerce/lines.hpp"
#include "actors/commerce/stock_view.hpp"
#include "tests/actors/scenario.hpp"

namespace bv::commerce::cart {
namespace {

using namespace bv::test;
using namespace std::chrono_literals;

struct cart_story : scenario<contract> {
  cart_story() : scenario(make_cart(), "cart", "alice") {
    offer("MUG-1", 12'50, 100);
    offer("PEN-1", 24'00, 100);
    offer("RARE-1", 50'00, 3);
  }
  void offer(const std::string& sku, std::int64_t price, std::int64_t available,
             const std::string& currency = "USD", bool on_sale = true) {
    const stock_view::stock_row row{sku, "p-" + sku, sku, {price, currency}, available, 0, 0, false, on_sale};
    facts().put("stock_view", stock_key("default", sku), encode(row));
  }
};

line line_of(const std::string& sku, std::uint32_t quantity, std::int64_t price,
             const std::string& currency = "USD") {
  return {sku, sku, quantity, {price, currency}};
}
event added(const std::string& sku, std::uint32_t quantity, std::int64_t price) {
  return item_added{line_of(sku, quantity, price), quantity, start};
}
std::vector<event> many_lines(int count, std::int64_t price) {
  std::vector<event> events;
  for (int i = 0; i < count; ++i) events.push_back(added("SKU-" + std::to_string(i), 1, price));
  return events;
}

}  // namespace

TEST_CASE("cart: a product goes in at the price and name of the catalogue") {
  cart_story story;
  story.when(add_item{"MUG-1", 2}).then({added("MUG-1", 2, 12'50)});
  CHECK(story.now_held().total == money{25'00, "USD"});
}

TEST_CASE("cart: more of the same adds up in one line, at today's price") {
  cart_story story;
  story.given({added("MUG-1", 2, 11'00)}).when(add_item{"MUG-1", 3});
  story.then({item_added{line_of("MUG-1", 5, 12'50), 3, start}});
  CHECK(story.now_held().lines.size() == 1);
  CHECK(story.now_held().total == money{62'50, "USD"});
}

TEST_CASE("cart: a product that the catalogue does not have, or no longer, is refused") {
  cart_story story;
  story.when(add_item{"GONE-1", 1}).rejected("product_unknown", error_kind::not_found);
  story.offer("GONE-1", 10'00, 5, "USD", false);
  story.when(add_item{"GONE-1", 1}).rejected("product_unknown", error_kind::not_found);
}

TEST_CASE("cart: it never holds more of a product than is available") {
  cart_story story;
  story.when(add_item{"RARE-1", 4}).rejected("product_unavailable");
  story.given({added("RARE-1", 2, 50'00)}).when(add_item{"RARE-1", 2}).rejected("product_unavailable");
  story.when(set_quantity{"RARE-1", 4}).rejected("product_unavailable");
  story.when(set_quantity{"RARE-1", 3}).then({quantity_set{line_of("RARE-1", 3, 50'00), start}});
}

TEST_CASE("cart: at most ten of an item") {
  cart_story story;
  story.given({added("MUG-1", 8, 12'50)}).when(add_item{"MUG-1", 3}).rejected("item_limit");
  story.when(add_item{"MUG-1", 2}).then({item_added{line_of("MUG-1", 10, 12'50), 2, start}});
  story.when(add_item{"MUG-1", 1}).rejected("item_limit");
}

TEST_CASE("cart: at most a hundred lines, but more of what it holds") {
  cart_story story;
  story.offer("SKU-0", 1'00, 100);
  story.given(many_lines(99, 1'00)).when(add_item{"MUG-1", 1}).then({added("MUG-1", 1, 12'50)});
  story.when(add_item{"PEN-1", 1}).rejected("cart_full");
  story.when(add_item{"SKU-0", 1}).then({item_added{line_of("SKU-0", 2, 1'00), 1, start}});
}

TEST_CASE("cart: it keeps to one currency until it is empty") {
  cart_story story;
  story.offer("EUR-1", 10'00, 5, "EUR");
  story.given({added("MUG-1", 1, 12'50)}).when(add_item{"EUR-1", 1}).rejected("currency_mixed");
  story.when(remove_item{"MUG-1"}).then({item_removed{"MUG-1", start}});
  story.when(add_item{"EUR-1", 1}).then({item_added{line_of("EUR-1", 1, 10'00, "EUR"), 1, start}});
}

TEST_CASE("cart: only what is in it can change its quantity") {
  cart_story story;
  story.when(set_quantity{"MUG-1", 2}).rejected("item_not_in_cart", error_kind::not_found);
}

TEST_CASE("cart: taking out what is not in it, or emptying an empty one, changes nothing") {
  cart_story story;
  story.when(remove_item{"MUG-1"}).without_effect();
  story.when(clear{}).without_effect();
  story.given({added("MUG-1", 1, 12'50)}).when(clear{}).then({cleared{start}});
  CHECK(story.now_held().lines.empty());
  CHECK_FALSE(story.now_held().total.has_value());
}

TEST_CASE("cart: checkout tells the saga everything and locks the lines") {
  cart_story story;
  story.given({added("MUG-1", 2, 12'50), added("PEN-1", 1, 24'00)}).when(checkout{"order-1"});
  story.then({checkout_started{
      "order-1", "alice", {line_of("MUG-1", 2, 12'50), line_of("PEN-1", 1, 24'00)}, {49'00, "USD"}, start}});
  story.when(add_item{"MUG-1", 1}).rejected("cart_checking_out");
  story.when(set_quantity{"MUG-1", 1}).rejected("cart_checking_out");
  story.when(remove_item{"MUG-1"}).rejected("cart_checking_out");
  story.when(clear{}).rejected("cart_checking_out");
  story.when(checkout{"order-2"}).rejected("cart_checking_out");
}

TEST_CASE("cart: an order is worth $10 to $10,000") {
  SUBCASE("a cent too little") {
    cart_story story;
    story.offer("A", 9'99, 9);
    story.given({added("A", 1, 9'99)}).when(checkout{"order-1"}).rejected("order_below_minimum");
  }
  SUBCASE("the least") {
    cart_story story;
    story.offer("A", 10'00, 9);
    story.given({added("A", 1, 10'00)}).when(checkout{"order-1"});
    story.then({checkout_started{"order-1", "alice", {line_of("A", 1, 10'00)}, {10'00, "USD"}, start}});
  }
  SUBCASE("the most") {
    cart_story story;
    story.offer("A", 1'000'00, 90);
    story.given({added("A", 10, 1'000'00)}).when(checkout{"order-1"});
    story.then(
        {checkout_started{"order-1", "alice", {line_of("A", 10, 1'000'00)}, {10'000'00, "USD"}, start}});
  }
  SUBCASE("a cent too much") {
    cart_story story;
    story.offer("A", 10'000'01, 9);
    story.given({added("A", 1, 10'000'01)}).when(checkout{"order-1"}).rejected("order_above_maximum");
  }
}

TEST_CASE("cart: an order has at most fifty lines") {
  cart_story story;
  for (int i = 0; i < 51; ++i) story.offer("SKU-" + std::to_string(i), 1'00, 5);
  story.given(many_lines(51, 1'00)).when(checkout{"order-1"}).rejected("order_too_many_lines");
  story.when(remove_item{"SKU-50"}).then({item_removed{"SKU-50", start}});
  story.when(checkout{"order-1"});
  CHECK(story.now_held().checking_out == "order-1");
}

TEST_CASE("cart: an empty one can't be ordered") {
  cart_story story;
  story.when(checkout{"order-1"}).rejected("cart_empty");
}

TEST_CASE("cart: a price that changed has to be seen before it is charged") {
  cart_story story;
  story.given({added("MUG-1", 2, 11'00)}).when(checkout{"order-1"}).rejected("price_changed");
  story.when(set_quantity{"MUG-1", 2}).then({quantity_set{line_of("MUG-1", 2, 12'50), start}});
  story.when(checkout{"order-1"});
  CHECK(story.now_held().checking_out == "order-1");
}

TEST_CASE("cart: what has left the catalogue can't be ordered") {
  cart_story story;
  story.given({added("MUG-1", 2, 12'50)});
  story.offer("MUG-1", 12'50, 100, "USD", false);
  story.when(checkout{"order-1"}).rejected("product_unknown", error_kind::not_found);
}

TEST_CASE("cart: a completed checkout empties and unlocks it, once") {
  cart_story story;
  story.given({added("MUG-1", 2, 12'50)}).when(checkout{"order-1"});
  story.when(complete_checkout{"order-1"}).then({checkout_completed{"order-1", start}});
  CHECK(story.now_held().lines.empty());
  CHECK(story.now_held().checking_out.empty());
  story.when(complete_checkout{"order-1"}).without_effect();
  story.when(add_item{"MUG-1", 1}).then({added("MUG-1", 1, 12'50)});
  story.when(reopen_after_checkout{"order-1"}).without_effect();
}

TEST_CASE("cart: a failed checkout unlocks it and keeps the lines") {
  cart_story story;
  story.given({added("MUG-1", 2, 12'50)}).when(checkout{"order-1"});
  story.when(reopen_after_checkout{"order-7"}).without_effect();
  story.when(reopen_after_checkout{"order-1"}).then({checkout_reopened{"order-1", start}});
  story.when(reopen_after_checkout{"order-1"}).without_effect();
  CHECK(story.now_held().lines.size() == 1);
  story.when(checkout{"order-2"});
  story.when(complete_checkout{"order-1"}).without_effect();
  CHECK(story.now_held().checking_out == "order-2");
}

TEST_CASE("cart: it expires after thirty idle days") {
  cart_story story;
  CHECK(story.wakes_at() == timestamp{});
  story.given({added("MUG-1", 1, 12'50)});
  CHECK(story.wakes_at() == start + std::chrono::days{30});
  story.at(start + std::chrono::days{30} - 1ns).when(expire{}).without_effect();
  story.when_woken().then({expired{start + std::chrono::days{30}}});
  CHECK(story.now_held().lines.empty());
  CHECK(story.wakes_at() == timestamp{});
}

TEST_CASE("cart: every change puts its expiry off") {
  cart_story story;
  story.given({added("MUG-1", 1, 12'50)}).at(start + std::chrono::days{29}).when(set_quantity{"MUG-1", 1});
  CHECK(story.wakes_at() == start + std::chrono::days{59});
  story.at(start + std::chrono::days{30}).when(expire{}).without_effect();
}

TEST_CASE("cart: it does not expire in the middle of a checkout") {
  cart_story story;
  story.given({added("MUG-1", 1, 12'50)}).when(checkout{"order-1"});
  CHECK(story.wakes_at() == timestamp{});
  story.at(start + std::chrono::days{90}).when(expire{}).without_effect();
}

}  // namespace bv::commerce::cart
