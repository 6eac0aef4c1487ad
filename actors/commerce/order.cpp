// An order. The contract draws its states; `reach` is the only place that knows which way leads where.

#include <chrono>
#include <initializer_list>

#include "actors/commerce/commerce.hpp"
#include "actors/commerce/lines.hpp"
#include "actors/commerce/rejection.hpp"
#include "protocols/schema/base/assert.hpp"
#include "protocols/schema/commerce/order.hpp"

namespace bv::commerce::order {
namespace {

constexpr duration unpaid_max = std::chrono::minutes{30};

using decision = result<std::vector<event>>;

/// Checks that the order stands at one of `from`.
result<void> reach(const state& now, status to, std::initializer_list<status> from) {
  if (now.status == status::unplaced) return unknown("order_unknown", "there is no such order");
  for (const auto one : from)
    if (now.status == one) return {};
  return rejected("order_transition", "an order that is " + std::string(to_string(now.status)) +
                                          " can't become " + std::string(to_string(to)));
}

/// While a saga works on the customer's request, the order must not move on under it.
result<void> require_no_request(const state& now) {
  if (now.request == request::none) return {};
  return rejected("order_request_pending",
                  "a " + std::string(to_string(now.request)) + " of this order is being worked on");
}

result<void> require_customer(const state& now, bytes_view principal) {
  if (principal.empty() || principal == now.customer) return {};  // empty: the system itself
  return failure(error_kind::forbidden, "order_not_yours", "only its customer may ask for that");
}

decision on(const state& now, const place& wish, const runtime::context& about) {
  if (now.status != status::unplaced) {
    if (now.customer == wish.customer && now.lines == wish.lines && now.total == wish.total &&
        now.payment_id == wish.payment_id)
      return std::vector<event>{};
    return rejected("order_exists", "this id is another order already");
  }
  BV_ASSIGN(const auto total, total_of(wish.lines));
  if (total != wish.total)
    return malformed("order_total_mismatch",
                     "the lines add up to " + to_text(total) + ", the total says " + to_text(wish.total),
                     "place.total");
  BV_TRY(check_order_limits(wish.lines, total));
  return std::vector<event>{placed{std::string(about.self.id()), wish.customer, wish.lines, wish.total,
                                   wish.payment_id, about.now}};
}

decision on(const state& now, const confirm&, const runtime::context& about) {
  if (now.status == status::confirmed) return std::vector<event>{};
  BV_TRY(reach(now, status::confirmed, {status::pending}));
  BV_TRY(require_no_request(now));
  return std::vector<event>{confirmed{about.now}};
}

decision on(const state& now, const mark_paid&, const runtime::context& about) {
  if (now.status == status::paid) return std::vector<event>{};
  BV_TRY(reach(now, status::paid, {status::confirmed}));
  BV_TRY(require_no_request(now));
  return std::vector<event>{paid{about.now}};
}

decision on(const state& now, const ship& wish, const runtime::context& about) {
  BV_TRY(reach(now, status::shipped, {status::paid}));
  BV_TRY(require_no_request(now));
  return std::vector<event>{shipped{wish.tracking_code.value_or(""), about.now}};
}

decision on(const state& now, const deliver&, const runtime::context& about) {
  BV_TRY(reach(now, status::delivered, {status::shipped}));
  return std::vector<event>{delivered{about.now}};
}

decision on(const state& now, const cancel& wish, const runtime::context& about) {
  if (now.status == status::unplaced || now.status == status::cancelled) return std::vector<event>{};
  BV_TRY(reach(now, status::cancelled, {status::pending, status::confirmed, status::paid}));
  return std::vector<event>{cancelled{wish.reason, about.now}};
}

decision on(const state& now, const request_cancellation& wish, const runtime::context& about) {
  BV_TRY(reach(now, status::cancelled, {status::pending, status::confirmed, status::paid}));
  BV_TRY(require_customer(now, about.principal));
  if (now.request == request::cancellation) return std::vector<event>{};
  BV_TRY(require_no_request(now));
  return std::vector<event>{
      cancellation_requested{wish.reason.value_or(""), std::string(about.principal), about.now}};
}

decision on(const state& now, const request_refund& wish, const runtime::context& about) {
  BV_TRY(reach(now, status::refunded, {status::paid, status::shipped, status::delivered}));
  BV_TRY(require_customer(now, about.principal));
  if (now.request == request::refund) return std::vector<event>{};
  BV_TRY(require_no_request(now));
  return std::vector<event>{
      refund_requested{wish.reason.value_or(""), std::string(about.principal), about.now}};
}

decision on(const state& now, const complete_refund& done, const runtime::context& about) {
  if (now.status == status::refunded) return std::vector<event>{};
  BV_TRY(reach(now, status::refunded, {status::paid, status::shipped, status::delivered}));
  BV_TRY(require_same_currency(now.total, done.amount));
  if (done.amount.minor <= 0)
    return malformed("amount_not_positive", "a refund is above 0", "completeRefund.amount.minor");
  if (done.amount.minor > now.total.minor)
    return rejected("refund_above_total", "the order was worth " + to_text(now.total) + ", " +
                                              to_text(done.amount) + " can't go back");
  return std::vector<event>{refunded{done.amount, done.reason, about.now}};
}

decision on(const state& now, const decline_request& wish, const runtime::context& about) {
  if (now.request == request::none) return std::vector<event>{};
  return std::vector<event>{request_declined{now.request, wish.reason, about.now}};
}

bool awaits_payment(const state& now) {
  return now.status == status::pending || now.status == status::confirmed;
}

decision on(const state& now, const expire&, const runtime::context& about) {
  if (!awaits_payment(now) || about.now < now.placed_at + unpaid_max) return std::vector<event>{};
  return std::vector<event>{cancelled{"unpaid", about.now}};
}

void move_to(state& now, status to, timestamp at) {
  now.status = to;
  now.updated_at = at;
}

void finish(state& now, status to, const std::string& reason, timestamp at) {
  move_to(now, to, at);
  now.reason = reason;
  now.request = request::none;
}

void apply(state& now, const placed& fact) {
  now.id = fact.id;
  now.customer = fact.customer;
  now.lines = fact.lines;
  now.total = fact.total;
  now.payment_id = fact.payment_id;
  now.placed_at = fact.at;
  move_to(now, status::pending, fact.at);
}
void apply(state& now, const confirmed& fact) {
  move_to(now, status::confirmed, fact.at);
}
void apply(state& now, const paid& fact) {
  move_to(now, status::paid, fact.at);
}
void apply(state& now, const shipped& fact) {
  now.tracking_code = fact.tracking_code;
  move_to(now, status::shipped, fact.at);
}
void apply(state& now, const delivered& fact) {
  move_to(now, status::delivered, fact.at);
}
void apply(state& now, const cancelled& fact) {
  finish(now, status::cancelled, fact.reason, fact.at);
}
void apply(state& now, const refunded& fact) {
  finish(now, status::refunded, fact.reason, fact.at);
}
void apply(state& now, const cancellation_requested&) {
  now.request = request::cancellation;
}
void apply(state& now, const refund_requested&) {
  now.request = request::refund;
}
void apply(state& now, const request_declined&) {
  now.request = request::none;
}

}  // namespace

result<std::vector<event>> decide(const state& now, const command& asked, const runtime::context& about) {
  return std::visit([&](const auto& one) { return on(now, one, about); }, asked);
}

void evolve(state& now, const event& happened) {
  std::visit([&](const auto& one) { apply(now, one); }, happened);
}

std::optional<runtime::wake_up_at<command>> wake_up(const state& now) {
  if (!awaits_payment(now)) return std::nullopt;
  return runtime::wake_up_at<command>{now.placed_at + unpaid_max, expire{}};
}

}  // namespace bv::commerce::order

std::unique_ptr<bv::runtime::aggregate_type> bv::commerce::make_order() {
  return std::make_unique<runtime::typed_aggregate<order::contract>>();
}
