// A shopper's cart. What it knows of products comes from the stock view, which trails the truth a little: it
// advises. That stock is really there is settled by the reservation in the checkout saga; that the price is
// the one that the shopper saw is settled here, at checkout.

#include <chrono>

#include "actors/commerce/commerce.hpp"
#include "actors/commerce/lines.hpp"
#include "actors/commerce/rejection.hpp"
#include "actors/commerce/stock_view.hpp"
#include "protocols/schema/base/mutation.hpp"
#include "protocols/schema/commerce/cart.hpp"

namespace bv::commerce::cart {
namespace {

constexpr std::size_t lines_max = 100;
constexpr std::uint32_t quantity_max = 10;
constexpr duration idle_max = std::chrono::days{30};

using decision = result<std::vector<event>>;

result<void> require_open(const state& now) {
  if (now.checking_out.empty()) return {};
  return rejected("cart_checking_out", "order " + now.checking_out + " is being made of this cart");
}

/// The product as it is offered now.
result<stock_view::stock_row> offered(const std::string& sku, const runtime::context& about) {
  auto found = find_stock(about, sku);
  if (!found || !found->on_sale)
    return unknown("product_unknown", "the catalogue has no product " + sku, sku);
  return std::move(*found);
}

/// The cart's line for `quantity` units at today's price.
result<line> line_of(const state& now, const std::string& sku, std::uint32_t quantity,
                     const runtime::context& about) {
  BV_ASSIGN(auto product, offered(sku, about));
  if (product.available < quantity)
    return rejected("product_unavailable",
                    "of " + sku + " there are " + std::to_string(product.available) +
                        " available, the cart would hold " + std::to_string(quantity),
                    sku);
  for (const auto& other : now.lines)
    if (other.sku != sku) {
      BV_TRY(require_same_currency(other.unit_price, product.price));
      break;  // all the others share its currency
    }
  return line{sku, std::move(product.name), quantity, std::move(product.price)};
}

decision on(const state& now, const add_item& wish, const runtime::context& about) {
  BV_TRY(require_open(now));
  const auto* held = now.lines.find(wish.sku);
  if (!held && now.lines.size() >= lines_max)
    return rejected("cart_full", "a cart holds at most " + std::to_string(lines_max) + " lines");
  const auto quantity = (held ? held->quantity : 0) + wish.quantity;
  if (quantity > quantity_max)
    return rejected("item_limit",
                    "a cart holds at most " + std::to_string(quantity_max) + " of an item, it would be " +
                        std::to_string(quantity),
                    wish.sku);
  BV_ASSIGN(auto made, line_of(now, wish.sku, quantity, about));
  return std::vector<event>{item_added{std::move(made), wish.quantity, about.now}};
}

decision on(const state& now, const set_quantity& wish, const runtime::context& about) {
  BV_TRY(require_open(now));
  if (!now.lines.find(wish.sku)) return unknown("item_not_in_cart", "the cart has no " + wish.sku, wish.sku);
  BV_ASSIGN(auto made, line_of(now, wish.sku, wish.quantity, about));
  return std::vector<event>{quantity_set{std::move(made), about.now}};
}

decision on(const state& now, const remove_item& wish, const runtime::context& about) {
  BV_TRY(require_open(now));
  if (!now.lines.find(wish.sku)) return std::vector<event>{};
  return std::vector<event>{item_removed{wish.sku, about.now}};
}

decision on(const state& now, const clear&, const runtime::context& about) {
  BV_TRY(require_open(now));
  if (now.lines.empty()) return std::vector<event>{};
  return std::vector<event>{cleared{about.now}};
}

decision on(const state& now, const checkout& wish, const runtime::context& about) {
  BV_TRY(require_open(now));
  if (now.lines.empty()) return rejected("cart_empty", "there is nothing in the cart to order");
  BV_ASSIGN(auto total, total_of(now.lines));
  BV_TRY(check_order_limits(now.lines, total));
  for (const auto& ordered : now.lines) {
    BV_ASSIGN(const auto product, offered(ordered.sku, about));
    if (product.price != ordered.unit_price)
      return rejected("price_changed",
                      ordered.sku + " now costs " + to_text(product.price) + ", the cart says " +
                          to_text(ordered.unit_price) + "; set its quantity again to accept that",
                      ordered.sku);
  }
  return std::vector<event>{
      checkout_started{wish.order_id, std::string(about.self.id()), now.lines, std::move(total), about.now}};
}

decision on(const state& now, const complete_checkout& done, const runtime::context& about) {
  if (now.checking_out != done.order_id) return std::vector<event>{};
  return std::vector<event>{checkout_completed{done.order_id, about.now}};
}

decision on(const state& now, const reopen_after_checkout& failed, const runtime::context& about) {
  if (now.checking_out != failed.order_id) return std::vector<event>{};
  return std::vector<event>{checkout_reopened{failed.order_id, about.now}};
}

decision on(const state& now, const expire&, const runtime::context& about) {
  if (now.lines.empty() || !now.checking_out.empty() || about.now < now.touched_at + idle_max)
    return std::vector<event>{};
  return std::vector<event>{expired{about.now}};
}

void refresh_total(state& now) {
  now.total.reset();
  if (now.lines.empty()) return;
  auto total = total_of(now.lines);
  BV_ASSERT(total.has_value(), "decide keeps a cart's sum in range and in one currency");
  now.total = std::move(*total);
}

void apply(state& now, const item_added& fact) {
  now.lines.put(fact.line);
  refresh_total(now);
}
void apply(state& now, const quantity_set& fact) {
  now.lines.put(fact.line);
  refresh_total(now);
}
void apply(state& now, const item_removed& fact) {
  now.lines.erase(fact.sku);
  refresh_total(now);
}
void apply(state& now, const cleared&) {
  now.lines.clear();
  now.total.reset();
}
void apply(state& now, const checkout_started& fact) {
  now.checking_out = fact.order_id;
}
void apply(state& now, const checkout_completed&) {
  now.checking_out.clear();
  if (!mutated(mutation::cart_not_emptied)) now.lines.clear();
  now.total.reset();
}
void apply(state& now, const checkout_reopened&) {
  now.checking_out.clear();
}
void apply(state& now, const expired&) {
  now.lines.clear();
  now.total.reset();
}

}  // namespace

result<std::vector<event>> decide(const state& now, const command& asked, const runtime::context& about) {
  return std::visit([&](const auto& one) { return on(now, one, about); }, asked);
}

void evolve(state& now, const event& happened) {
  std::visit(
      [&](const auto& one) {
        apply(now, one);
        now.touched_at = one.at;
      },
      happened);
}

std::optional<runtime::wake_up_at<command>> wake_up(const state& now) {
  if (now.lines.empty() || !now.checking_out.empty()) return std::nullopt;
  return runtime::wake_up_at<command>{now.touched_at + idle_max, expire{}};
}

}  // namespace bv::commerce::cart

std::unique_ptr<bv::runtime::aggregate_type> bv::commerce::make_cart() {
  return std::make_unique<runtime::typed_aggregate<cart::contract>>();
}
