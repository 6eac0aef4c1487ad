// What holds of orders and payments after any commands in any order.
#include <set>

#include "actors/commerce/commerce.hpp"
#include "actors/commerce/lines.hpp"
#include "protocols/schema/commerce/order.hpp"
#include "protocols/schema/commerce/payment.hpp"
#include "tests/actors/commerce/any_commands.hpp"

using namespace bv;
using namespace bv::commerce;
using namespace bv::test;

namespace {

using rc::gen::construct;
using rc::gen::inRange;
using rc::gen::just;

rc::Gen<money> any_money(std::int64_t from, std::int64_t until) {
  return construct<money>(inRange(from, until),
                          rc::gen::weightedElement<std::string>({{19, "USD"}, {1, "EUR"}}));
}

/// Mostly an order that adds up, sometimes by a cent not.
rc::Gen<order::place> any_place() {
  return rc::gen::exec([] {
    lines made;
    const auto count = *inRange(0, 4);
    std::int64_t sum = 0;
    for (int i = 0; i < count; ++i) {
      const auto quantity = *inRange<std::uint32_t>(1, 11);
      const auto price = *inRange<std::int64_t>(1, 2'000'00);
      made.put({"SKU-" + std::to_string(i), "", quantity, {price, "USD"}});
      sum += price * quantity;
    }
    if (made.empty()) made.put({"SKU-0", "", 1, {20'00, "USD"}}), sum = 20'00;
    const auto wrong = *rc::gen::weightedElement<std::int64_t>({{9, 0}, {1, 1}});
    return order::place{*any_of("customer-", 2), std::move(made), {sum + wrong, "USD"}, "pay-1"};
  });
}

rc::Gen<std::vector<step<order::contract>>> order_walks() {
  using namespace order;
  const auto reason = just(std::string("because"));
  const auto maybe_reason = sometimes(reason);
  return walks_of<contract>(any_place(), any_place(), only<confirm>(), only<confirm>(), only<mark_paid>(),
                            only<mark_paid>(), construct<ship>(maybe_reason), only<deliver>(),
                            construct<order::cancel>(reason), construct<request_cancellation>(maybe_reason),
                            construct<request_refund>(maybe_reason),
                            construct<complete_refund>(any_money(-1, 100'00), reason),
                            construct<decline_request>(reason), only<expire>());
}

using transition = std::pair<order::status, order::status>;
const std::set<transition> legal = [] {
  using enum order::status;
  return std::set<transition>{{unplaced, pending}, {pending, confirmed},   {pending, cancelled},
                              {confirmed, paid},   {confirmed, cancelled}, {paid, shipped},
                              {paid, cancelled},   {paid, refunded},       {shipped, delivered},
                              {shipped, refunded}, {delivered, refunded}};
}();

rc::Gen<std::vector<step<payment::contract>>> payment_walks() {
  using namespace payment;
  const auto reason = just(std::string("because"));
  return walks_of<contract>(
      construct<payment::request>(any_of("order-", 2), just(std::string("alice")), any_money(0, 50)),
      construct<authorize>(any_of("A-", 2)), construct<authorize>(any_of("A-", 2)),
      construct<decline>(reason), construct<record_failed_attempt>(reason), only<capture>(), only<capture>(),
      construct<void_authorization>(reason),
      construct<make_refund>(any_of("r-", 5), sometimes(any_money(-1, 30)), sometimes(reason)),
      construct<make_refund>(any_of("r-", 5), sometimes(any_money(1, 10)), sometimes(reason)),
      construct<reverse>(any_of("r-", 5), reason), only<expire>());
}

}  // namespace

TEST_CASE("order: only legal transitions happen, and its lines and total never change, whatever is asked") {
  const auto type = make_order();
  const auto self = entity_key::trusted("default", "order", "order-1");
  CHECK(rc::check([&] {
    walk<order::contract>(*type, self, {}, *order_walks(),
                          [&](const order::state& before, const order::state& after, const auto& outcome) {
                            if (before.status != after.status)
                              RC_ASSERT(legal.count({before.status, after.status}) == 1u);
                            if (!outcome) RC_ASSERT(before == after);
                            if (after.status == order::status::unplaced) return;
                            RC_ASSERT(after.total == *total_of(after.lines));
                            RC_ASSERT(check_order_limits(after.lines, after.total).has_value());
                            if (before.status == order::status::unplaced) return;
                            RC_ASSERT(before.lines == after.lines);
                            RC_ASSERT(before.customer == after.customer);
                          });
  }));
}

TEST_CASE("payment: never more goes back than was taken, and what is over stays over, whatever is asked") {
  const auto type = make_payment();
  const auto self = entity_key::trusted("default", "payment", "pay-1");
  CHECK(rc::check([&] {
    bool was_captured = false;
    walk<payment::contract>(
        *type, self, {}, *payment_walks(),
        [&](const payment::state& before, const payment::state& after, const auto& outcome) {
          using enum payment::status;
          if (!outcome) RC_ASSERT(before == after);
          was_captured = was_captured || after.status == captured;
          std::int64_t back = 0;
          for (const auto& one : after.refunds) {
            RC_ASSERT(one.amount.minor > 0);
            back += one.amount.minor;
          }
          RC_ASSERT(back == (after.refunded ? after.refunded->minor : 0));
          if (back > 0) RC_ASSERT(was_captured && back <= after.amount->minor);
          if (after.status == refunded) RC_ASSERT(back == after.amount->minor);
          if (after.status == captured) RC_ASSERT(back < after.amount->minor);
          if (before.amount) RC_ASSERT(before.amount == after.amount);
          for (const auto over : {refunded, declined, voided, timed_out})
            if (before.status == over) RC_ASSERT(before == after);
        });
  }));
}
