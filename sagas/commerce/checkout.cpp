// Checkout: the goods are held, the payment is authorized, the order is confirmed, the money is taken, and
// the goods are the customer's. Until the money is taken everything can be undone, and is if a step is
// refused or 30 seconds have passed. From then on the sale stands: what is left is done however long it
// takes. That the parcel has left and arrived is for the warehouse to say.

#include "protocols/schema/base/mutation.hpp"
#include "sagas/commerce/calls.hpp"

namespace bv::commerce_sagas {
namespace {

using namespace std::chrono_literals;

call place_order(const purchase& of) {
  return to<order::contract>(of.order_id,
                             order::place{of.customer, of.lines, of.total, payment_of(of.order_id)});
}
call cancel_placed(const purchase& of, const story& so_far) {
  return to<order::contract>(of.order_id, order::cancel{reason_or(so_far.reason(), "checkout_failed")});
}

call request_payment(const purchase& of) {
  return to<payment::contract>(payment_of(of.order_id), payment::request{of.order_id, of.customer, of.total});
}
call drop_payment(const purchase& of, const story& so_far) {
  const auto reason = reason_or(so_far.reason(), "checkout_failed");
  return reason == "payment_declined"
             ? to<payment::contract>(payment_of(of.order_id), payment::decline{reason})
             : to<payment::contract>(payment_of(of.order_id), payment::void_authorization{reason});
}

call reserve(const purchase& of, const commerce::line& line) {
  return to<inventory::contract>(line.sku, inventory::reserve{of.order_id, line.quantity});
}
call release(const purchase& of, const commerce::line& line) {
  const bool forgotten = mutated(mutation::release_forgotten) && line.sku != of.lines.begin()->sku;
  return to<inventory::contract>(line.sku, inventory::release{forgotten ? "nobody" : of.order_id});
}

call reopen_cart(const purchase& of) {
  return to<cart::contract>(of.customer, cart::reopen_after_checkout{of.order_id});
}

call authorize(const purchase& of) {
  return to_processor(processor::operation::authorize, payment_of(of.order_id), of.order_id, of.total);
}
call reverse(const purchase& of) {
  return to_processor(processor::operation::reverse, payment_of(of.order_id), of.order_id, of.total);
}

call record_authorization(const purchase& of, const story& so_far) {
  const auto approval = so_far.answer_as<processor::acknowledgement>("authorize payment");
  return to<payment::contract>(payment_of(of.order_id),
                               payment::authorize{approval ? approval->authorization_code : ""});
}
call confirm_order(const purchase& of) {
  return to<order::contract>(of.order_id, order::confirm{});
}

call capture(const purchase& of) {
  return to_processor(processor::operation::capture, payment_of(of.order_id), of.order_id, of.total);
}

call record_capture(const purchase& of) {
  return to<payment::contract>(payment_of(of.order_id), payment::capture{});
}
call mark_paid(const purchase& of) {
  return to<order::contract>(of.order_id, order::mark_paid{});
}
call commit(const purchase& of, const commerce::line& line) {
  return to<inventory::contract>(line.sku, inventory::commit{of.order_id});
}
call complete_cart(const purchase& of) {
  return to<cart::contract>(of.customer, cart::complete_checkout{of.order_id});
}

}  // namespace

// A processor that never answers is given up at the saga's deadline, not before: attempts of 5 s each would take longer.
constexpr std::uint32_t attempts_beyond_the_deadline = 8;

// One line a thing that happens.
// clang-format off
sagas::definition checkout() {
  const auto attempts = mutated(mutation::processor_given_up_early) ? 5u : attempts_beyond_the_deadline;
  return sagas::saga<purchase>("checkout", sagas::version{1})
      .deadline(30s)
      .journal_at_checkpoints()

      .step("reserve stock")
          .when_undone(reopen_cart)
          .call(place_order).or_else_undo(cancel_placed)
          .call(request_payment).or_else_undo(drop_payment)
          .for_each(&purchase::lines, reserve).or_else_undo(release)

      .step("authorize payment")
          .call(authorize).or_else_undo(reverse)
          .retry(sagas::exponential_with_jitter(200ms, attempts, 3s)).answer_within(5s)

      .step("confirm order")
          .call(record_authorization)
          .call(confirm_order)

      .step("capture payment").point_of_no_return()
          .call(capture)
          .retry(sagas::default_undo_retry)

      // A customer who cancels in between is heard by the cancel saga, which waits for the end of this one.
      .step("fulfil")
          .call(record_capture)
          .call(mark_paid).even_if("order_request_pending")
          .for_each(&purchase::lines, commit)
          .call(complete_cart)
          .retry(sagas::default_undo_retry);
}
// clang-format on

}  // namespace bv::commerce_sagas
