// A product of the catalogue. Removing it leaves a tombstone, so that its id can never mean something else.

#include "protocols/schema/commerce/product.hpp"
#include "actors/commerce/commerce.hpp"
#include "actors/commerce/lines.hpp"
#include "actors/commerce/rejection.hpp"
#include "actors/commerce/stock_view.hpp"

namespace bv::commerce::product {
namespace {

using decision = result<std::vector<event>>;

result<void> check_price(const money& price, std::string where) {
  if (price.minor > 0 && price.minor <= price_max_minor) return {};
  return malformed("price_out_of_range",
                   "a price is above 0 and at most " + to_text({price_max_minor, price.currency}),
                   std::move(where));
}

result<void> require_known(const state& now) {
  if (!now.id.empty() && !now.removed) return {};
  return unknown("product_unknown", "the catalogue has no such product");
}

decision on(const state& now, const create& wish, const runtime::context& about) {
  if (now.removed) return rejected("product_removed", "this id was a product that has been removed");
  if (!now.id.empty()) return rejected("product_exists", "this id is product " + now.sku + " already");
  BV_TRY(check_price(wish.price, "create.price.minor"));
  // The view may trail; the stock of the SKU then refuses the second product.
  if (const auto seller = find_stock(about, wish.sku); seller && seller->on_sale)
    return rejected("sku_taken", "product " + seller->product_id + " has the SKU " + wish.sku, "create.sku");
  return std::vector<event>{created{std::string(about.self.id()), wish.sku, wish.name, wish.description,
                                    wish.category, wish.price, wish.initial_stock, about.now}};
}

decision on(const state& now, const update& wish, const runtime::context& about) {
  BV_TRY(require_known(now));
  if (wish.price) BV_TRY(check_price(*wish.price, "update.price.minor"));
  updated then{now.id,
               now.sku,
               wish.name.value_or(now.name),
               wish.description.value_or(now.description),
               wish.category.value_or(now.category),
               wish.price.value_or(now.price),
               about.now};
  if (then.name == now.name && then.description == now.description && then.category == now.category &&
      then.price == now.price)
    return std::vector<event>{};
  return std::vector<event>{std::move(then)};
}

decision on(const state& now, const remove&, const runtime::context& about) {
  BV_TRY(require_known(now));
  return std::vector<event>{removed{now.id, now.sku, about.now}};
}

void apply(state& now, const created& fact) {
  now = {fact.id, fact.sku, fact.name, fact.description, fact.category, fact.price, fact.at, fact.at, false};
}

void apply(state& now, const updated& fact) {
  now.name = fact.name;
  now.description = fact.description;
  now.category = fact.category;
  now.price = fact.price;
  now.updated_at = fact.at;
}

void apply(state& now, const removed& fact) {
  now.removed = true;
  now.updated_at = fact.at;
}

}  // namespace

result<std::vector<event>> decide(const state& now, const command& asked, const runtime::context& about) {
  return std::visit([&](const auto& one) { return on(now, one, about); }, asked);
}

void evolve(state& now, const event& happened) {
  std::visit([&](const auto& one) { apply(now, one); }, happened);
}

}  // namespace bv::commerce::product

std::unique_ptr<bv::runtime::aggregate_type> bv::commerce::make_product() {
  return std::make_unique<runtime::typed_aggregate<product::contract>>();
}
