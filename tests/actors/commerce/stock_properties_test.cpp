// What holds of stock and carts after any commands in any order.
#include "actors/commerce/commerce.hpp"
#include "actors/commerce/inventory_limits.hpp"
#include "actors/commerce/lines.hpp"
#include "actors/commerce/stock_view.hpp"
#include "protocols/schema/commerce/cart.hpp"
#include "protocols/schema/commerce/inventory.hpp"
#include "protocols/schema/commerce/product.hpp"
#include "tests/actors/commerce/any_commands.hpp"

using namespace bv;
using namespace bv::commerce;
using namespace bv::test;

namespace {

using rc::gen::construct;
using rc::gen::inRange;
using rc::gen::just;

rc::Gen<std::vector<step<inventory::contract>>> stock_walks() {
  using namespace inventory;
  const auto id = any_of("r-", 12);
  const auto units = inRange<std::uint32_t>(1, 40);
  return walks_of<contract>(construct<initialise>(any_of("p-", 2), inRange<std::uint32_t>(0, 60)),
                            construct<receive>(units, just(std::optional<std::string>{})),
                            construct<adjust>(inRange<std::int64_t>(-60, 60), just(std::string("count"))),
                            construct<reserve>(id, inRange<std::uint32_t>(1, 4)),
                            construct<reserve>(id, units), construct<reserve>(id, units),
                            construct<release>(id), construct<inventory::commit>(id),
                            construct<inventory::commit>(id), construct<restock>(id, units),
                            construct<retire>(any_of("p-", 2)), only<expire>());
}

rc::Gen<std::vector<step<cart::contract>>> cart_walks() {
  using namespace cart;
  const auto sku = any_of("SKU-", 8);
  const auto quantity = inRange<std::uint32_t>(1, 11);
  const auto order = any_of("order-", 3);
  return walks_of<contract>(construct<add_item>(sku, quantity), construct<add_item>(sku, quantity),
                            construct<set_quantity>(sku, quantity), construct<remove_item>(sku),
                            only<clear>(), construct<checkout>(order), construct<complete_checkout>(order),
                            construct<reopen_after_checkout>(order), only<expire>());
}

rc::Gen<std::vector<step<product::contract>>> product_walks() {
  using namespace product;
  const auto price = construct<money>(inRange<std::int64_t>(-1, 3), just(std::string("USD")));
  const auto text = rc::gen::element<std::string>("a", "b");
  return walks_of<contract>(
      construct<create>(just(std::string("A")), text, text, text, price, just(std::uint32_t{5})),
      construct<update>(sometimes(text), sometimes(text), sometimes(text), sometimes(price)),
      only<product::remove>());
}

}  // namespace

TEST_CASE("stock: never below zero, every unit accounted for, whatever is asked") {
  const auto type = make_inventory();
  const auto self = entity_key::trusted("default", "inventory", "MUG-1");
  CHECK(rc::check([&] {
    std::int64_t came_in = 0;
    walk<inventory::contract>(
        *type, self, {}, *stock_walks(),
        [&](const inventory::state&, const inventory::state& after, const auto& outcome) {
          RC_ASSERT(after.available >= 0);
          RC_ASSERT(after.reserved >= 0);
          RC_ASSERT(after.sold >= 0);
          std::int64_t open = 0;
          auto oldest = timestamp{};
          for (const auto& one : after.reservations) {
            open += one.quantity;
            RC_ASSERT(one.expires_at >= oldest);
            oldest = one.expires_at;
          }
          RC_ASSERT(after.reserved == open);
          if (outcome)
            for (const auto& encoded : *outcome) {
              inventory::event happened;
              RC_ASSERT(inventory::contract::decode(encoded.payload, happened).has_value());
              if (const auto* in = std::get_if<inventory::initialised>(&happened)) came_in += in->quantity;
              if (const auto* in = std::get_if<inventory::received>(&happened)) came_in += in->quantity;
              if (const auto* in = std::get_if<inventory::adjusted>(&happened)) came_in += in->delta;
            }
          RC_ASSERT(after.received == came_in);
          RC_ASSERT(after.available + after.reserved + after.sold == came_in);
          RC_ASSERT(!after.low || after.available <= reorder_point);
          RC_ASSERT(after.sku.empty() || after.low || after.available > reorder_point);
        });
  }));
}

TEST_CASE("cart: its limits hold and its total is the sum of its lines, whatever is asked") {
  const auto type = make_cart();
  const auto self = entity_key::trusted("default", "cart", "alice");
  known_facts facts;
  for (int i = 0; i < 7; ++i) {
    const auto sku = "SKU-" + std::to_string(i);
    const money price{4'00 + 300'00 * i, i == 6 ? "EUR" : "USD"};
    facts.put("stock_view", stock_key("default", sku),
              encode(stock_view::stock_row{sku, "p", sku, price, 3 + 2 * i, 0, 0, false, i != 5}));
  }
  CHECK(rc::check([&] {
    walk<cart::contract>(*type, self, facts, *cart_walks(),
                         [&](const cart::state& before, const cart::state& after, const auto& outcome) {
                           RC_ASSERT(after.lines.size() <= 100u);
                           for (const auto& one : after.lines)
                             RC_ASSERT(one.quantity >= 1u && one.quantity <= 10u);
                           RC_ASSERT(after.total.has_value() == !after.lines.empty());
                           if (after.total) RC_ASSERT(*after.total == *total_of(after.lines));
                           if (!before.checking_out.empty() && !after.checking_out.empty())
                             RC_ASSERT(before.lines == after.lines);
                           if (outcome && before.checking_out.empty() && !after.checking_out.empty())
                             RC_ASSERT(check_order_limits(after.lines, *after.total).has_value());
                         });
  }));
}

TEST_CASE("product: once removed it never changes, whatever is asked") {
  const auto type = make_product();
  const auto self = entity_key::trusted("default", "product", "p-1");
  CHECK(rc::check([&] {
    walk<product::contract>(*type, self, {}, *product_walks(),
                            [&](const product::state& before, const product::state& after, const auto&) {
                              if (before.removed) RC_ASSERT(before == after);
                              if (!after.id.empty()) RC_ASSERT(after.price.minor > 0);
                            });
  }));
}
