// An order that its customer wants to be rid of: before the parcel leaves it is cancelled, after that
// refunded. Either way the checkout comes to its end first, so that two sagas never pull at one order.

#include "protocols/schema/base/mutation.hpp"
#include "sagas/commerce/calls.hpp"

namespace bv::commerce_sagas {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view first_step = "end the checkout";

std::string why_cancelled(const reversal& of) {
  return reason_or(of.reason, "cancelled_by_customer");
}
std::string why_returned(const reversal& of) {
  return reason_or(of.reason, "returned");
}

call stop_checkout(const reversal& of) {
  return sagas::to_cancel("checkout", of.order_id, why_cancelled(of));
}
call await_checkout(const reversal& of) {
  return sagas::to_end_of("checkout", of.order_id);
}

call decline_request(const reversal& of, const story& so_far) {
  return to<order::contract>(of.order_id, order::decline_request{reason_or(so_far.reason(), "not_possible")});
}

call give_money_back(const reversal& of) {
  return to_processor(processor::operation::reverse, of.payment_id, of.order_id, of.total);
}

call record_cancelled_refund(const reversal& of) {
  return to<payment::contract>(of.payment_id,
                               payment::reverse{std::string(refund_of_cancelled), why_cancelled(of)});
}
call record_returned_refund(const reversal& of) {
  return to<payment::contract>(of.payment_id,
                               payment::reverse{std::string(refund_of_returned), why_returned(of)});
}

/// What the checkout sold comes back to the shelf; what it only held, it has freed itself.
std::optional<call> restock(const reversal& of, const commerce::line& line, const story& so_far) {
  const bool sold = so_far.answer(first_step) == "completed" || mutated(mutation::compensation_runs_twice);
  if (!sold) return std::nullopt;
  return to<inventory::contract>(line.sku, inventory::restock{of.order_id, line.quantity});
}

call cancel_it(const reversal& of) {
  return to<order::contract>(of.order_id, order::cancel{why_cancelled(of)});
}
call complete_refund(const reversal& of) {
  return to<order::contract>(of.order_id, order::complete_refund{of.total, why_returned(of)});
}

call refund_payment(const payout& of) {
  return to_processor(processor::operation::refund, of.payment_id, {}, of.amount, of.refund_id);
}

}  // namespace

// One line a thing that happens.
// clang-format off
sagas::definition cancel_order() {
  return sagas::saga<reversal>("cancel-order", sagas::version{1})
      .deadline(10min)

      .step(std::string(first_step))
          .when_undone(decline_request)
          .call(stop_checkout)

      .step("give the money back").point_of_no_return()
          .call(give_money_back)
          .retry(sagas::default_undo_retry)

      .step("settle")
          .call(record_cancelled_refund)
          .for_each(&reversal::lines, restock)
          .call(cancel_it)
          .retry(sagas::default_undo_retry);
}

sagas::definition refund_order() {
  return sagas::saga<reversal>("refund-order", sagas::version{1})
      .deadline(10min)

      .step(std::string(first_step))
          .when_undone(decline_request)
          .call(await_checkout)

      .step("give the money back").point_of_no_return()
          .call(give_money_back)
          .retry(sagas::default_undo_retry)

      .step("settle")
          .call(record_returned_refund)
          .for_each(&reversal::lines, restock)
          .call(complete_refund)
          .retry(sagas::default_undo_retry);
}

sagas::definition pay_out() {
  return sagas::saga<payout>("pay-out", sagas::version{1})
      .step("give the money back").point_of_no_return()
          .call(refund_payment)
          .retry(sagas::default_undo_retry);
}
// clang-format on

}  // namespace bv::commerce_sagas
