// The stock of one SKU. A hot SKU has hundreds of thousands of open reservations, so every command looks at
// one of them at most, found by its id; and because all live equally long, the oldest expires first: the
// front of the list is the whole timer queue. A clock that steps back must not break that order, so a
// reservation never expires before the one made before it.

#include <algorithm>

#include "actors/commerce/commerce.hpp"
#include "actors/commerce/inventory_limits.hpp"
#include "actors/commerce/rejection.hpp"
#include "protocols/schema/base/assert.hpp"
#include "protocols/schema/base/mutation.hpp"
#include "protocols/schema/commerce/inventory.hpp"

namespace bv::commerce::inventory {
namespace {

using decision = result<std::vector<event>>;

result<void> require_known(const state& now) {
  if (!now.sku.empty()) return {};
  return unknown("sku_unknown", "no product has brought stock of this SKU");
}

result<void> check_room(const state& now, std::int64_t more) {
  if (now.available + now.reserved + more <= stock_max) return {};
  return rejected("stock_above_maximum",
                  "the stock of a SKU is at most " + std::to_string(stock_max) + " units");
}

/// Adds the alert if `available` is where the units left first fall to the reorder point.
std::vector<event> with_alert(std::vector<event> events, const state& now, const std::string& sku,
                              std::int64_t available, timestamp at) {
  if (!now.low && available <= reorder_point) events.push_back(reorder_needed{sku, available, at});
  return events;
}

decision on(const state& now, const initialise& wish, const runtime::context& about) {
  if (now.product_id == wish.product_id) return std::vector<event>{};
  if (!now.product_id.empty())
    return rejected("sku_taken", "product " + now.product_id + " has this SKU", "initialise.productId");
  BV_TRY(check_room(now, wish.quantity));
  const std::string sku(about.self.id());
  return with_alert({initialised{sku, wish.product_id, wish.quantity, about.now}}, now, sku,
                    now.available + wish.quantity, about.now);
}

decision on(const state& now, const receive& wish, const runtime::context& about) {
  BV_TRY(require_known(now));
  BV_TRY(check_room(now, wish.quantity));
  return std::vector<event>{received{wish.quantity, wish.reference, about.now}};
}

decision on(const state& now, const adjust& wish, const runtime::context& about) {
  BV_TRY(require_known(now));
  if (wish.delta == 0) return std::vector<event>{};
  const auto available = now.available + wish.delta;
  if (available < 0)
    return rejected("stock_below_zero",
                    "there are only " + std::to_string(now.available) + " available units to take from");
  BV_TRY(check_room(now, wish.delta));
  return with_alert({adjusted{wish.delta, wish.reason, about.now}}, now, now.sku, available, about.now);
}

decision on(const state& now, const reserve& wish, const runtime::context& about) {
  BV_TRY(require_known(now));
  if (const auto* open = now.reservations.find(wish.reservation_id)) {
    if (open->quantity == wish.quantity) return std::vector<event>{};
    return rejected("reservation_conflict",
                    "reservation " + open->id + " is for " + std::to_string(open->quantity) + " units");
  }
  if (now.product_id.empty()) return rejected("sku_retired", "the product is no longer sold");
  if (now.available < wish.quantity && !mutated(mutation::check_then_reserve))
    return rejected("out_of_stock", std::to_string(now.available) + " units are available, " +
                                        std::to_string(wish.quantity) + " are wanted");
  if (now.reservations.size() >= reservations_max)
    return rejected("too_many_reservations",
                    "a SKU has at most " + std::to_string(reservations_max) + " open reservations");
  auto expires_at = about.now + reservation_lifetime;
  if (!now.reservations.empty() && !mutated(mutation::clock_step_breaks_expiry))
    expires_at = std::max(expires_at, now.reservations.back().expires_at);
  return with_alert({reserved{wish.reservation_id, wish.quantity, expires_at}}, now, now.sku,
                    now.available - wish.quantity, about.now);
}

decision on(const state& now, const release& wish, const runtime::context& about) {
  const auto* open = now.reservations.find(wish.reservation_id);
  if (!open) return std::vector<event>{};
  return std::vector<event>{released{open->id, open->quantity, about.now}};
}

decision on(const state& now, const commit& wish, const runtime::context& about) {
  BV_TRY(require_known(now));
  const auto* open = now.reservations.find(wish.reservation_id);
  // Its time counts, not when the timer gets round to it.
  const bool in_time = open && (about.now < open->expires_at || mutated(mutation::expired_reservation_sold));
  if (!in_time)
    return rejected("reservation_expired", "reservation " + wish.reservation_id + " is not open (any more)");
  return std::vector<event>{committed{open->id, open->quantity, about.now}};
}

decision on(const state& now, const restock& wish, const runtime::context& about) {
  BV_TRY(require_known(now));
  if (now.sold < wish.quantity)
    return rejected("more_than_sold", "only " + std::to_string(now.sold) + " units are sold");
  BV_TRY(check_room(now, wish.quantity));
  return std::vector<event>{restocked{wish.return_id, wish.quantity, about.now}};
}

decision on(const state& now, const retire& wish, const runtime::context& about) {
  if (now.product_id != wish.product_id) return std::vector<event>{};
  return std::vector<event>{retired{wish.product_id, about.now}};
}

decision on(const state& now, const expire&, const runtime::context& about) {
  std::vector<event> events;
  for (const auto& oldest : now.reservations) {
    if (about.now < oldest.expires_at || events.size() == expiries_per_wake_up_max) break;
    events.push_back(reservation_expired{oldest.id, oldest.quantity, about.now});
  }
  return events;
}

/// Units come to the shelf, or leave it if negative; a full shelf arms the alert again.
void shelve(state& now, std::int64_t units) {
  now.available += units;
  if (now.available > reorder_point) now.low = false;
  BV_ASSERT(now.available >= 0, "decide never gives away more than there is");
}

void close_reservation(state& now, const std::string& id, std::int64_t quantity) {
  now.reservations.erase(id);
  now.reserved -= quantity;
  BV_ASSERT(now.reserved >= 0, "only open reservations are closed");
}

void apply(state& now, const initialised& fact) {
  now.sku = fact.sku;
  now.product_id = fact.product_id;
  now.received += fact.quantity;
  shelve(now, fact.quantity);
}
void apply(state& now, const received& fact) {
  now.received += fact.quantity;
  shelve(now, fact.quantity);
}
void apply(state& now, const adjusted& fact) {
  now.received += fact.delta;
  shelve(now, fact.delta);
}
void apply(state& now, const reserved& fact) {
  shelve(now, -std::int64_t{fact.quantity});
  now.reserved += fact.quantity;
  now.reservations.put(reservation{fact.reservation_id, fact.quantity, fact.expires_at});
}
void apply(state& now, const released& fact) {
  close_reservation(now, fact.reservation_id, fact.quantity);
  shelve(now, fact.quantity);
}
void apply(state& now, const committed& fact) {
  close_reservation(now, fact.reservation_id, fact.quantity);
  now.sold += fact.quantity;
}
void apply(state& now, const reservation_expired& fact) {
  close_reservation(now, fact.reservation_id, fact.quantity);
  shelve(now, fact.quantity);
}
void apply(state& now, const restocked& fact) {
  now.sold -= fact.quantity;
  shelve(now, fact.quantity);
}
void apply(state& now, const retired&) {
  now.product_id.clear();
}
void apply(state& now, const reorder_needed&) {
  now.low = true;
}

}  // namespace

result<std::vector<event>> decide(const state& now, const command& asked, const runtime::context& about) {
  return std::visit([&](const auto& one) { return on(now, one, about); }, asked);
}

void evolve(state& now, const event& happened) {
  std::visit([&](const auto& one) { apply(now, one); }, happened);
}

std::optional<runtime::wake_up_at<command>> wake_up(const state& now) {
  if (now.reservations.empty()) return std::nullopt;
  return runtime::wake_up_at<command>{now.reservations.front().expires_at, expire{}};
}

}  // namespace bv::commerce::inventory

std::unique_ptr<bv::runtime::aggregate_type> bv::commerce::make_inventory() {
  return std::make_unique<runtime::typed_aggregate<inventory::contract>>();
}
