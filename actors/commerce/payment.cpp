// One order's payment: what was asked of the processor and what it answered. The aggregate holds no money; it
// sees to it that none is taken twice, and that never more goes back than was taken.

#include <chrono>
#include <initializer_list>

#include "actors/commerce/commerce.hpp"
#include "actors/commerce/money.hpp"
#include "actors/commerce/rejection.hpp"
#include "protocols/schema/base/assert.hpp"
#include "protocols/schema/base/mutation.hpp"
#include "protocols/schema/commerce/payment.hpp"

namespace bv::commerce::payment {
namespace {

constexpr duration unfinished_max = std::chrono::minutes{30};
constexpr std::uint32_t failed_attempts_max = 5;
constexpr std::size_t refunds_max = 100;

using decision = result<std::vector<event>>;

result<void> reach(const state& now, status to, std::initializer_list<status> from) {
  for (const auto one : from)
    if (now.status == one) return {};
  if (now.status == status::unrequested) return unknown("payment_unknown", "there is no such payment");
  return rejected("payment_transition", "a payment that is " + std::string(to_string(now.status)) +
                                            " can't become " + std::string(to_string(to)));
}

bool unfinished(const state& now) {
  return now.status == status::requested || now.status == status::authorized;
}

/// The time counts, not when the timer gets round to it.
result<void> require_in_time(const state& now, timestamp at) {
  if (at < now.requested_at + unfinished_max) return {};
  return rejected("payment_timed_out", "it was asked for more than 30 minutes ago");
}

/// What of the captured money has not gone back.
money left(const state& now) {
  BV_ASSERT(now.amount.has_value(), "only a payment that was asked for is captured");
  const auto refunded = now.refunded && !mutated(mutation::refund_above_captured) ? now.refunded->minor : 0;
  return {now.amount->minor - refunded, now.amount->currency};
}

refund_made refund_of(const state& now, const std::string& id, const money& amount, std::string reason,
                      timestamp at) {
  return {id, amount, money{left(now).minor - amount.minor, amount.currency}, std::move(reason), at};
}

result<void> check_refund_count(const state& now) {
  if (now.refunds.size() < refunds_max) return {};
  return rejected("too_many_refunds",
                  "a payment is refunded in at most " + std::to_string(refunds_max) + " parts");
}

decision on(const state& now, const request& wish, const runtime::context& about) {
  const bool same =
      now.order_id == wish.order_id && now.customer == wish.customer && now.amount == wish.amount;
  if (now.amount && same) return std::vector<event>{};
  if (now.amount) return rejected("payment_exists", "this id is the payment of order " + now.order_id);
  if (now.status != status::unrequested)
    return rejected("payment_transition", "it was voided before it was asked for");
  if (wish.amount.minor <= 0)
    return malformed("amount_not_positive", "a payment is above 0", "request.amount.minor");
  return std::vector<event>{
      requested{std::string(about.self.id()), wish.order_id, wish.customer, wish.amount, about.now}};
}

decision on(const state& now, const authorize& answer, const runtime::context& about) {
  if (now.authorization_code == answer.authorization_code &&
      (now.status == status::authorized || now.status == status::captured || now.status == status::refunded))
    return std::vector<event>{};
  BV_TRY(reach(now, status::authorized, {status::requested}));
  BV_TRY(require_in_time(now, about.now));
  return std::vector<event>{authorized{answer.authorization_code, about.now}};
}

decision on(const state& now, const decline& answer, const runtime::context& about) {
  if (now.status == status::declined) return std::vector<event>{};
  BV_TRY(reach(now, status::declined, {status::requested}));
  return std::vector<event>{declined{answer.reason, about.now}};
}

decision on(const state& now, const record_failed_attempt& answer, const runtime::context& about) {
  BV_TRY(reach(now, status::requested, {status::requested}));
  const auto attempt = now.failed_attempts + 1;
  std::vector<event> events{attempt_failed{answer.reason, attempt, about.now}};
  if (attempt >= failed_attempts_max) events.push_back(declined{"processor_unavailable", about.now});
  return events;
}

decision on(const state& now, const capture&, const runtime::context& about) {
  if (now.status == status::captured) return std::vector<event>{};
  BV_TRY(reach(now, status::captured, {status::authorized}));
  BV_TRY(require_in_time(now, about.now));
  return std::vector<event>{captured{*now.amount, about.now}};
}

decision on(const state& now, const void_authorization& wish, const runtime::context& about) {
  switch (now.status) {
    case status::declined:
    case status::voided:
    case status::timed_out: return std::vector<event>{};
    default: break;
  }
  // One that was not asked for yet is voided too: a compensation may overtake what it undoes.
  BV_TRY(reach(now, status::voided, {status::unrequested, status::requested, status::authorized}));
  return std::vector<event>{voided{std::string(about.self.id()), wish.reason, about.now}};
}

decision on(const state& now, const make_refund& wish, const runtime::context& about) {
  if (const auto* made = now.refunds.find(wish.refund_id)) {
    if (!wish.amount || *wish.amount == made->amount) return std::vector<event>{};
    return rejected("refund_conflict", "refund " + made->id + " was over " + to_text(made->amount));
  }
  BV_TRY(reach(now, status::refunded, {status::captured}));
  const auto amount = wish.amount.value_or(left(now));
  BV_TRY(require_same_currency(*now.amount, amount));
  if (amount.minor <= 0)
    return malformed("amount_not_positive", "a refund is above 0", "makeRefund.amount.minor");
  if (amount.minor > left(now).minor)
    return rejected("refund_above_captured", to_text(left(now)) + " of the captured money is left, " +
                                                 to_text(amount) + " can't go back");
  BV_TRY(check_refund_count(now));
  return std::vector<event>{refund_of(now, wish.refund_id, amount, wish.reason.value_or(""), about.now)};
}

decision on(const state& now, const reverse& wish, const runtime::context& about) {
  if (now.status != status::captured)
    return now.status == status::refunded ? decision{std::vector<event>{}}
                                          : on(now, void_authorization{wish.reason}, about);
  if (now.refunds.find(wish.refund_id)) return std::vector<event>{};
  BV_TRY(check_refund_count(now));
  return std::vector<event>{refund_of(now, wish.refund_id, left(now), wish.reason, about.now)};
}

decision on(const state& now, const expire&, const runtime::context& about) {
  if (!unfinished(now) || about.now < now.requested_at + unfinished_max) return std::vector<event>{};
  return std::vector<event>{timed_out{about.now}};
}

void move_to(state& now, status to, timestamp at) {
  now.status = to;
  now.updated_at = at;
}

void apply(state& now, const requested& fact) {
  now.id = fact.id;
  now.order_id = fact.order_id;
  now.customer = fact.customer;
  now.amount = fact.amount;
  now.requested_at = fact.at;
  move_to(now, status::requested, fact.at);
}
void apply(state& now, const authorized& fact) {
  now.authorization_code = fact.authorization_code;
  move_to(now, status::authorized, fact.at);
}
void apply(state& now, const declined& fact) {
  now.reason = fact.reason;
  move_to(now, status::declined, fact.at);
}
void apply(state& now, const attempt_failed& fact) {
  now.failed_attempts = fact.attempt;
  now.updated_at = fact.at;
}
void apply(state& now, const captured& fact) {
  move_to(now, status::captured, fact.at);
}
void apply(state& now, const voided& fact) {
  now.id = fact.id;
  now.reason = fact.reason;
  move_to(now, status::voided, fact.at);
}
void apply(state& now, const refund_made& fact) {
  now.refunds.put(refund{fact.refund_id, fact.amount, fact.at});
  now.refunded = money{(now.refunded ? now.refunded->minor : 0) + fact.amount.minor, fact.amount.currency};
  move_to(now, fact.left.minor == 0 ? status::refunded : status::captured, fact.at);
}
void apply(state& now, const timed_out& fact) {
  move_to(now, status::timed_out, fact.at);
}

}  // namespace

result<std::vector<event>> decide(const state& now, const command& asked, const runtime::context& about) {
  return std::visit([&](const auto& one) { return on(now, one, about); }, asked);
}

void evolve(state& now, const event& happened) {
  std::visit([&](const auto& one) { apply(now, one); }, happened);
}

std::optional<runtime::wake_up_at<command>> wake_up(const state& now) {
  if (!unfinished(now)) return std::nullopt;
  return runtime::wake_up_at<command>{now.requested_at + unfinished_max, expire{}};
}

}  // namespace bv::commerce::payment

std::unique_ptr<bv::runtime::aggregate_type> bv::commerce::make_payment() {
  return std::make_unique<runtime::typed_aggregate<payment::contract>>();
}
