// Two sets of books must agree: the processor's, and what the payments of the shops say. While a saga is between the two
// they may differ; when all is at rest they may differ by no more than what sagas that never ended were about.

#include <map>

#include "protocols/schema/commerce/cart.hpp"
#include "protocols/schema/commerce/order.hpp"
#include "protocols/schema/commerce/payment.hpp"
#include "protocols/schema/sagas/checkout.hpp"
#include "sim/checkers/invariant.hpp"
#include "sim/checkers/read_events.hpp"
#include "sim/checkers/saga_fold.hpp"

namespace bv::sim {
namespace {

using common::money;

std::string text_of(const money& amount) { return std::to_string(amount.minor) + " " + amount.currency; }

template <class Lines>
money sum_of(const Lines& lines, const std::string& currency) {
  money sum{0, currency};
  for (const auto& line : lines) sum.minor += line.unit_price.minor * line.quantity;
  return sum;
}

struct payment_account {
  std::string order;
  std::optional<money> asked;
  std::int64_t captured = 0, refunded = 0;
};

struct order_account {
  std::optional<money> total;
  std::string paid_by;  ///< the payment that was captured for it
  bool paid = false;
};

/// What a saga moves; nothing if its input is no business of ours.
std::int64_t amount_moved_by(const saga_facts& saga) {
  commerce_sagas::purchase bought;
  commerce_sagas::reversal reversed;
  commerce_sagas::payout paid;
  if (saga.definition == "checkout") return decode(saga.input, bought) ? bought.total.minor : 0;
  if (saga.definition == "pay-out") return decode(saga.input, paid) ? paid.amount.minor : 0;
  return decode(saga.input, reversed) ? reversed.total.minor : 0;
}

class money_conserved_checker final : public judge {
 public:
  static constexpr std::string_view invariant_name = "money_conserved";

  money_conserved_checker() : judge(invariant_name) {}

  void on_record(const observed_record& record, std::vector<violation>& found) override {
    if (record.events.empty()) return;
    const auto say = [&](const std::string& wrong) {
      if (!wrong.empty()) report(found, record.committed_at, place_of(record) + ": " + wrong);
    };
    const auto type = record.entity.type();
    bool readable = true;
    if (type == "cart")
      readable = for_each_event<commerce::cart::contract>(record, [&](const auto& event) { say(see(event)); });
    else if (type == "order")
      readable = for_each_event<commerce::order::contract>(
          record, [&](const auto& event) { say(see(orders_[entity_of(record)], event)); });
    else if (type == "payment")
      readable = for_each_event<commerce::payment::contract>(
          record, [&](const auto& event) { say(see(record, payments_[entity_of(record)], event)); });
    else if (type == "saga")
      readable = for_each_event<sagas::run::contract>(
          record, [&](const auto& event) { static_cast<void>(fold(sagas_[entity_of(record)], event)); });
    if (!readable) say("an event can't be read");
  }

  void at_end(const observations& all, std::vector<violation>& found) override {
    std::int64_t kept = 0, unsettled = 0, may_be_held = 0;
    for (const auto& [_, account] : payments_) kept += account.captured - account.refunded;
    for (const auto& [_, saga] : sagas_) {
      if (saga.over() && saga.status != sagas::run::status::discarded) continue;
      unsettled += amount_moved_by(saga);
      if (saga.definition == "checkout") may_be_held += amount_moved_by(saga);
    }
    const auto& books = all.processor;
    const auto difference = books.taken - books.given_back - kept;
    if (std::abs(difference) > unsettled)
      report(found, all.now,
             "the processor has taken " + std::to_string(books.taken) + " and given back " +
                 std::to_string(books.given_back) + ", the shops have captured less refunds " + std::to_string(kept) +
                 but_for(unsettled));
    if (books.held < 0 || books.held > may_be_held)
      report(found, all.now,
             "the processor holds " + std::to_string(books.held) + " for orders that are over" + but_for(may_be_held));
  }

 private:
  static std::string but_for(std::int64_t unsettled) {
    return unsettled == 0 ? std::string() : "; sagas that have not ended explain " + std::to_string(unsettled);
  }

  static std::string see(const commerce::cart::event& event) {
    const auto* started = std::get_if<commerce::cart::checkout_started>(&event);
    return started ? check_total(started->lines, started->total) : std::string();
  }

  template <class Lines>
  static std::string check_total(const Lines& lines, const money& total) {
    const auto sum = sum_of(lines, total.currency);
    if (sum == total) return {};
    return "the lines are worth " + text_of(sum) + ", the total says " + text_of(total);
  }

  static std::string see(order_account& account, const commerce::order::event& event) {
    if (const auto* placed = std::get_if<commerce::order::placed>(&event)) {
      account.total = placed->total;
      return check_total(placed->lines, placed->total);
    }
    if (std::holds_alternative<commerce::order::paid>(event) && std::exchange(account.paid, true))
      return "the order is paid twice";
    if (const auto* back = std::get_if<commerce::order::refunded>(&event);
        back && (!account.total || back->amount.minor > account.total->minor))
      return "the order is refunded " + text_of(back->amount) + ", it was worth " +
             (account.total ? text_of(*account.total) : "nothing");
    return {};
  }

  std::string see(const observed_record& record, payment_account& account, const commerce::payment::event& event) {
    using namespace commerce::payment;
    if (const auto* fact = std::get_if<requested>(&event)) {
      account.order = fact->order_id;
      account.asked = fact->amount;
    }
    if (const auto* fact = std::get_if<captured>(&event)) return capture(record, account, fact->amount);
    if (const auto* fact = std::get_if<refund_made>(&event)) {
      account.refunded += fact->amount.minor;
      if (account.refunded > account.captured)
        return "refunds of " + std::to_string(account.refunded) + " are more than the " + std::to_string(account.captured) +
               " that were captured";
      if (fact->left.minor != account.captured - account.refunded)
        return "refund " + fact->refund_id + " says that " + text_of(fact->left) + " are left, there are " +
               std::to_string(account.captured - account.refunded);
    }
    return {};
  }

  std::string capture(const observed_record& record, payment_account& account, const money& amount) {
    const bool again = account.captured > 0;
    account.captured += amount.minor;
    if (again) return "the payment is captured twice";
    if (!account.asked || *account.asked != amount)
      return text_of(amount) + " are captured, asked for were " + (account.asked ? text_of(*account.asked) : "none");
    const auto order = orders_.find(
        {record.node, entity_key::trusted(record.entity.tenant(), "order", account.order).text()});
    if (order == orders_.end()) return {};  // a payment for something that is no order of ours
    if (order->second.total && *order->second.total != amount)
      return text_of(amount) + " are captured for order " + account.order + ", which is worth " +
             text_of(*order->second.total);
    if (!order->second.paid_by.empty())
      return "order " + account.order + " was paid by payment " + order->second.paid_by + " already";
    order->second.paid_by = record.entity.id();
    return {};
  }

  std::map<node_entity, order_account> orders_;
  std::map<node_entity, payment_account> payments_;
  std::map<node_entity, saga_facts> sagas_;
};

}  // namespace

invariant money_conserved() {
  return {{money_conserved_checker::invariant_name,
           "What the processor took and gave back is what payments captured and refunded; each order is paid at most once."},
          [](const plan&) -> std::unique_ptr<checker> { return std::make_unique<money_conserved_checker>(); }};
}

}  // namespace bv::sim
