#include "protocols/schema/base/hash.hpp"
#include "protocols/schema/commerce/product.hpp"
#include "sagas/commerce/calls.hpp"

namespace bv::commerce_sagas {
namespace {

using std::vector;

call start_checkout(const cart::checkout_started& fact) {
  return sagas::to_saga("checkout", fact.order_id,
                        purchase{fact.order_id, fact.customer, fact.lines, fact.total});
}

/// A customer may ask again after a request was declined: each wish has a saga of its own.
template <class Fact>
call start_reversal(const char* definition, const Fact& fact, const order::state& now) {
  return sagas::to_saga(definition, now.id + "~" + std::to_string(fact.at.ns),
                        reversal{now.id, now.payment_id, now.lines, now.total, fact.reason});
}

vector<call> start_pay_out(const payment::refund_made& fact, const payment::state& now) {
  if (fact.refund_id == refund_of_cancelled || fact.refund_id == refund_of_returned) return {};
  const auto id = to_hex(hash128(now.id + "/" + fact.refund_id));
  return {sagas::to_saga("pay-out", id, payout{now.id, fact.refund_id, fact.amount})};
}

call put_on_the_shelf(const commerce::product::created& fact) {
  return to<inventory::contract>(fact.sku, inventory::initialise{fact.id, fact.initial_stock});
}
call take_off_the_shelf(const commerce::product::removed& fact) {
  return to<inventory::contract>(fact.sku, inventory::retire{fact.id});
}

}  // namespace

vector<sagas::reaction> reactions() {
  using sagas::when;
  using sagas::when_with_state;
  namespace product = commerce::product;
  return {
      when<cart::contract, cart::checkout_started>("start-checkout", start_checkout),
      when_with_state<order::contract, order::cancellation_requested>(
          "start-cancel",
          [](const auto& fact, const auto& now) { return start_reversal("cancel-order", fact, now); }),
      when_with_state<order::contract, order::refund_requested>(
          "start-refund",
          [](const auto& fact, const auto& now) { return start_reversal("refund-order", fact, now); }),
      when_with_state<payment::contract, payment::refund_made>("start-pay-out", start_pay_out),
      when<product::contract, product::created>("initialise-stock", put_on_the_shelf),
      when<product::contract, product::removed>("retire-stock", take_off_the_shelf),
  };
}

vector<sagas::definition> definitions() {
  return {checkout(), cancel_order(), refund_order(), pay_out()};
}

}  // namespace bv::commerce_sagas
