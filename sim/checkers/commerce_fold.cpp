#include "sim/checkers/commerce_fold.hpp"

#include "sim/checkers/read_events.hpp"

namespace bv::sim {
namespace {

/// At or below so many units somebody has to reorder (E4).
constexpr std::int64_t reorder_point = 10;

std::optional<common::money> sum_of(const commerce::cart::state& of) {
  std::optional<common::money> sum;
  for (const auto& line : of.lines) {
    if (!sum) sum = common::money{0, line.unit_price.currency};
    sum->minor += line.unit_price.minor * line.quantity;
  }
  return sum;
}

void put_on_shelf(commerce::inventory::state& now, std::int64_t units) {
  now.available += units;
  now.low = now.low && now.available <= reorder_point;
}

void close_hold(commerce::inventory::state& now, const std::string& id, std::int64_t units) {
  now.reservations.erase(id);
  now.reserved -= units;
}

}  // namespace

void fold(commerce::cart::state& now, const commerce::cart::event& happened) {
  using namespace commerce::cart;
  std::visit(cases{[&](const item_added& fact) { now.lines.put(fact.line); },
                   [&](const quantity_set& fact) { now.lines.put(fact.line); },
                   [&](const item_removed& fact) { now.lines.erase(fact.sku); },
                   [&](const cleared&) { now.lines.clear(); },
                   [&](const checkout_started& fact) { now.checking_out = fact.order_id; },
                   [&](const checkout_completed&) {
                     now.lines.clear();
                     now.checking_out.clear();
                   },
                   [&](const checkout_reopened&) { now.checking_out.clear(); },
                   [&](const expired&) { now.lines.clear(); }},
             happened);
  now.touched_at = std::visit([](const auto& fact) { return fact.at; }, happened);
  now.total = sum_of(now);
}

void fold(commerce::inventory::state& now, const commerce::inventory::event& happened) {
  using namespace commerce::inventory;
  std::visit(cases{[&](const initialised& fact) {
                     now.sku = fact.sku;
                     now.product_id = fact.product_id;
                     now.received += fact.quantity;
                     put_on_shelf(now, fact.quantity);
                   },
                   [&](const received& fact) {
                     now.received += fact.quantity;
                     put_on_shelf(now, fact.quantity);
                   },
                   [&](const adjusted& fact) {
                     now.received += fact.delta;
                     put_on_shelf(now, fact.delta);
                   },
                   [&](const reserved& fact) {
                     put_on_shelf(now, -std::int64_t{fact.quantity});
                     now.reserved += fact.quantity;
                     now.reservations.put({fact.reservation_id, fact.quantity, fact.expires_at});
                   },
                   [&](const released& fact) {
                     close_hold(now, fact.reservation_id, fact.quantity);
                     put_on_shelf(now, fact.quantity);
                   },
                   [&](const reservation_expired& fact) {
                     close_hold(now, fact.reservation_id, fact.quantity);
                     put_on_shelf(now, fact.quantity);
                   },
                   [&](const committed& fact) {
                     close_hold(now, fact.reservation_id, fact.quantity);
                     now.sold += fact.quantity;
                   },
                   [&](const restocked& fact) {
                     now.sold -= fact.quantity;
                     put_on_shelf(now, fact.quantity);
                   },
                   [&](const retired&) { now.product_id.clear(); },
                   [&](const reorder_needed&) { now.low = true; }},
             happened);
}

void fold(commerce::order::state& now, const commerce::order::event& happened) {
  using namespace commerce::order;
  const auto reach = [&](status to, timestamp at) {
    now.status = to;
    now.updated_at = at;
  };
  const auto end = [&](status to, const std::string& reason, timestamp at) {
    reach(to, at);
    now.reason = reason;
    now.request = request::none;
  };
  std::visit(cases{[&](const placed& fact) {
                     now.id = fact.id;
                     now.customer = fact.customer;
                     now.lines = fact.lines;
                     now.total = fact.total;
                     now.payment_id = fact.payment_id;
                     now.placed_at = fact.at;
                     reach(status::pending, fact.at);
                   },
                   [&](const confirmed& fact) { reach(status::confirmed, fact.at); },
                   [&](const paid& fact) { reach(status::paid, fact.at); },
                   [&](const shipped& fact) {
                     now.tracking_code = fact.tracking_code;
                     reach(status::shipped, fact.at);
                   },
                   [&](const delivered& fact) { reach(status::delivered, fact.at); },
                   [&](const cancelled& fact) { end(status::cancelled, fact.reason, fact.at); },
                   [&](const refunded& fact) { end(status::refunded, fact.reason, fact.at); },
                   [&](const cancellation_requested&) { now.request = request::cancellation; },
                   [&](const refund_requested&) { now.request = request::refund; },
                   [&](const request_declined&) { now.request = request::none; }},
             happened);
}

void fold(commerce::payment::state& now, const commerce::payment::event& happened) {
  using namespace commerce::payment;
  const auto reach = [&](status to) { now.status = to; };
  std::visit(cases{[&](const requested& fact) {
                     now.id = fact.id;
                     now.order_id = fact.order_id;
                     now.customer = fact.customer;
                     now.amount = fact.amount;
                     now.requested_at = fact.at;
                     reach(status::requested);
                   },
                   [&](const authorized& fact) {
                     now.authorization_code = fact.authorization_code;
                     reach(status::authorized);
                   },
                   [&](const declined& fact) {
                     now.reason = fact.reason;
                     reach(status::declined);
                   },
                   [&](const attempt_failed& fact) { now.failed_attempts = fact.attempt; },
                   [&](const captured&) { reach(status::captured); },
                   [&](const voided& fact) {
                     now.id = fact.id;
                     now.reason = fact.reason;
                     reach(status::voided);
                   },
                   [&](const refund_made& fact) {
                     now.refunds.put({fact.refund_id, fact.amount, fact.at});
                     if (!now.refunded) now.refunded = common::money{0, fact.amount.currency};
                     now.refunded->minor += fact.amount.minor;
                     reach(fact.left.minor == 0 ? status::refunded : status::captured);
                   },
                   [&](const timed_out&) { reach(status::timed_out); }},
             happened);
  now.updated_at = std::visit([](const auto& fact) { return fact.at; }, happened);
}

bool is_sagas_refund(std::string_view id) { return id == "order-cancelled" || id == "order-returned"; }

}  // namespace bv::sim
