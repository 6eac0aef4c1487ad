#include "sim/record/people.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <optional>
#include <utility>

#include "sim/checkers/commerce_fold.hpp"
#include "sim/checkers/read_events.hpp"
#include "sim/record/story.hpp"

namespace bv::sim {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;
namespace cart = commerce::cart;
namespace order = commerce::order;
namespace payment = commerce::payment;

/// A request is on its way for about so long, a command's answer takes the rest, a look takes this. What is recorded is when
/// a command was decided; a script says how long to wait after an answer.
constexpr duration way = 1ms, answer_takes = 3ms, look_takes = 2ms;

/// One thing that somebody did.
struct deed {
  timestamp at;
  std::string who;
  std::optional<await_step> seen;  ///< what must have been so
  ask_step what;
};

class recollection {
 public:
  explicit recollection(const story& of) : story_(of), cart_("cart/" + of.customer), order_("order/" + of.order) {}

  std::vector<deed> recall() && {
    for (const auto& one : story_.basket) std::visit([&](const auto& fact) { in_cart(one.at, fact); }, one.what);
    for (const auto& one : story_.order_events) std::visit([&](const auto& fact) { with_order(one.at, fact); }, one.what);
    for (const auto& one : story_.payment_events)
      if (const auto* fact = std::get_if<payment::refund_made>(&one.what)) refund(one.at, *fact);
    std::ranges::stable_sort(deeds_, {}, &deed::at);
    return std::move(deeds_);
  }

 private:
  void in_cart(timestamp at, const cart::item_added& fact) {
    ask_cart(at, "addItem", {{"sku", fact.line.sku}, {"quantity", fact.added}});
  }
  void in_cart(timestamp at, const cart::quantity_set& fact) {
    ask_cart(at, "setQuantity", {{"sku", fact.line.sku}, {"quantity", fact.line.quantity}});
  }
  void in_cart(timestamp at, const cart::item_removed& fact) { ask_cart(at, "removeItem", {{"sku", fact.sku}}); }
  void in_cart(timestamp at, const cart::checkout_started& fact) { ask_cart(at, "checkout", {{"orderId", fact.order_id}}); }
  template <class Other>
  void in_cart(timestamp, const Other&) {}

  void with_order(timestamp at, const order::cancellation_requested& fact) {
    ask_order(at, fact.by.empty() ? story_.customer : fact.by, {"pending", "confirmed", "paid"}, "requestCancellation",
              {{"reason", fact.reason}});
  }
  void with_order(timestamp at, const order::refund_requested& fact) {
    ask_order(at, fact.by.empty() ? story_.customer : fact.by, {"paid", "shipped", "delivered"}, "requestRefund",
              {{"reason", fact.reason}});
  }
  void with_order(timestamp at, const order::shipped& fact) {
    ask_order(at, other("warehouse"), {"paid"}, "ship", {{"trackingCode", fact.tracking_code}});
  }
  void with_order(timestamp at, const order::delivered&) { ask_order(at, other("warehouse"), {"shipped"}, "deliver", {}); }
  template <class Other>
  void with_order(timestamp, const Other&) {}

  void refund(timestamp at, const payment::refund_made& fact) {
    if (is_sagas_refund(fact.refund_id)) return;
    const auto entity = "payment/" + story_.order;
    deeds_.push_back({at, other("cashier"), await_step{entity, "status", {"captured"}},
                      {entity, "makeRefund",
                       json::serialize(json::object{{"refundId", fact.refund_id},
                                                    {"amount", {{"minor", fact.amount.minor}, {"currency", fact.amount.currency}}},
                                                    {"reason", fact.reason}})}});
  }

  void ask_cart(timestamp at, std::string command, const json::object& body) {
    deeds_.push_back({at, story_.customer, std::nullopt, {cart_, std::move(command), json::serialize(body)}});
  }
  void ask_order(timestamp at, std::string who, std::vector<std::string> statuses, std::string command, const json::object& body) {
    deeds_.push_back({at, std::move(who), await_step{order_, "status", std::move(statuses)},
                      {order_, std::move(command), json::serialize(body)}});
  }

  /// Somebody whom the events don't name.
  [[nodiscard]] std::string other(std::string name) const {
    while (name == story_.customer) name = "the-" + name;
    return name;
  }

  const story& story_;
  const std::string cart_, order_;
  std::vector<deed> deeds_;
};

}  // namespace

std::vector<client_script> record_people(const story& of) {
  std::vector<client_script> people;
  std::map<std::string, timestamp> free_from;  ///< by name: when the next step may begin
  for (auto& one : recollection(of).recall()) {
    auto found = std::ranges::find(people, one.who, &client_script::name);
    if (found == people.end()) {
      const auto start = one.at - of.begin - way - (one.seen ? look_takes : duration{});
      people.push_back({.name = one.who, .user = {}, .start = rounded(std::max(start, duration{})), .steps = {}});
      found = std::prev(people.end());
    } else {
      const auto pause = rounded(one.at - free_from[one.who] - way - (one.seen ? look_takes : duration{}));
      // In place: of a temporary that is moved g++ 12 believes, with -O2, that it is not initialised.
      if (pause > duration{}) found->steps.emplace_back(std::in_place_type<wait_step>, pause);
    }
    if (one.seen) found->steps.emplace_back(*std::move(one.seen));
    found->steps.emplace_back(std::move(one.what));
    free_from[one.who] = one.at + answer_takes;
  }
  return people;
}

}  // namespace bv::sim
