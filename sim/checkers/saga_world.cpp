#include "sim/checkers/saga_world.hpp"

#include "protocols/schema/base/hash.hpp"
#include "protocols/schema/sagas/checkout.hpp"

namespace bv::sim {
namespace {

namespace order = commerce::order;
namespace payment = commerce::payment;
namespace run = sagas::run;
using commerce_sagas::purchase;
using commerce_sagas::reversal;

bool undone(const saga_facts& of) {
  return of.status == run::status::compensated || of.status == run::status::cancelled;
}

class inspector {
 public:
  explicit inspector(const shop& of) : shop_(of) {}

  std::vector<std::string> inspect() {
    for (const auto& [id, saga] : shop_.sagas) {
      if (saga.now.definition == "checkout") inspect_checkout(id, saga.now);
      if (saga.now.definition == "cancel-order" || saga.now.definition == "refund-order") inspect_reversal(id, saga.now);
    }
    for (const auto& [id, cart] : shop_.carts) inspect_cart(id, cart);
    for (const auto& [id, one] : shop_.orders) inspect_order(id, one);
    for (const auto& [id, one] : shop_.payments) inspect_payment(id, one);
    for (const auto& [id, one] : shop_.shelves) inspect_shelf(id, one);
    for (const auto& [id, one] : shop_.products)
      if (!one.id.empty()) inspect_product(id, one);
    return std::move(wrong_);
  }

 private:
  void say(std::string what) { wrong_.push_back(std::move(what)); }

  // --- Checkouts ---------------------------------------------------------------------------------------------------

  void inspect_checkout(const std::string& id, const saga_facts& saga) {
    purchase bought;
    if (!decode(saga.input, bought)) return say("saga/" + id + " has an input that can't be read");
    if (saga.status == run::status::completed) return inspect_sale("saga/" + id + " is completed", bought);
    if (undone(saga)) inspect_nothing("saga/" + id + " is " + std::string(to_string(saga.status)), bought);
  }

  /// The order stands, or was reversed by a saga since; the money was taken, the goods are the customer's.
  void inspect_sale(const std::string& because, const purchase& bought) {
    const bool reversed = reversal_of(bought.order_id) != nullptr;
    const auto* placed = find(shop_.orders, bought.order_id);
    const auto status = placed ? placed->now.status : order::status::unplaced;
    const bool stands =
        status == order::status::paid || status == order::status::shipped || status == order::status::delivered;
    const bool taken_back = status == order::status::cancelled || status == order::status::refunded;
    if (!stands && !(reversed && taken_back))
      say(because + ", and order/" + bought.order_id + " is " + std::string(to_string(status)));
    const auto* paid = find(shop_.payments, bought.order_id);
    if (!paid || paid->times_captured != 1)
      say(because + ", and payment/" + bought.order_id + " was captured " +
          std::to_string(paid ? paid->times_captured : 0) + " times");
    for (const auto& line : bought.lines) {
      const auto dealt = dealings_of(line.sku, bought.order_id);
      if (dealt.committed != line.quantity)
        say(because + ", and inventory/" + line.sku + " sold " + std::to_string(dealt.committed) + " of the " +
            std::to_string(line.quantity) + " units");
    }
    inspect_unlocked(because, bought);
  }

  void inspect_nothing(const std::string& because, const purchase& bought) {
    const auto* placed = find(shop_.orders, bought.order_id);
    if (placed && placed->now.status != order::status::cancelled && placed->now.status != order::status::unplaced)
      say(because + ", and order/" + bought.order_id + " is " + std::string(to_string(placed->now.status)));
    const auto* paid = find(shop_.payments, bought.order_id);
    const auto status = paid ? paid->now.status : payment::status::unrequested;
    if (status != payment::status::unrequested && status != payment::status::voided &&
        status != payment::status::declined && status != payment::status::timed_out)
      say(because + ", and payment/" + bought.order_id + " is " + std::string(to_string(status)));
    for (const auto& line : bought.lines) {
      const auto* shelf = find(shop_.shelves, line.sku);
      if (!shelf) continue;
      if (shelf->now.reservations.find(bought.order_id))
        say(because + ", and inventory/" + line.sku + " still holds units for it");
      if (dealings_of(line.sku, bought.order_id).committed != 0)
        say(because + ", and inventory/" + line.sku + " has sold units to it");
    }
    inspect_unlocked(because, bought);
  }

  void inspect_unlocked(const std::string& because, const purchase& bought) {
    const auto* cart = find(shop_.carts, bought.customer);
    if (cart && cart->now.checking_out == bought.order_id)
      say(because + ", and cart/" + bought.customer + " is still locked by it");
  }

  // --- Reversals ---------------------------------------------------------------------------------------------------

  void inspect_reversal(const std::string& id, const saga_facts& saga) {
    reversal asked;
    if (!decode(saga.input, asked)) return say("saga/" + id + " has an input that can't be read");
    const auto* placed = find(shop_.orders, asked.order_id);
    const auto status = placed ? placed->now.status : order::status::unplaced;
    const auto because = "saga/" + id + " is " + std::string(to_string(saga.status));
    if (undone(saga) && placed && placed->now.request != order::request::none && wishes_open(*placed) == 0)
      say(because + ", and order/" + asked.order_id + " still waits for it");
    if (saga.status != run::status::completed) return;
    const auto must = saga.definition == "cancel-order" ? order::status::cancelled : order::status::refunded;
    if (status != must) say(because + ", and order/" + asked.order_id + " is " + std::string(to_string(status)));
    const auto* paid = find(shop_.payments, asked.payment_id);
    if (paid && (paid->now.status == payment::status::captured || paid->now.status == payment::status::authorized ||
                 paid->now.status == payment::status::requested))
      say(because + ", and payment/" + asked.payment_id + " is " + std::string(to_string(paid->now.status)));
    const auto* checkout = find(shop_.sagas, "checkout-" + asked.order_id);
    const bool sold = checkout && checkout->now.status == run::status::completed;
    for (const auto& line : asked.lines) {
      const auto back = dealings_of(line.sku, asked.order_id).restocked;
      const auto expected = sold ? std::int64_t{line.quantity} : 0;
      if (back != expected)
        say(because + ", and " + std::to_string(back) + " units of inventory/" + line.sku + " came back, not " +
            std::to_string(expected));
    }
  }

  /// Sagas for wishes of this order that are not over.
  [[nodiscard]] std::size_t wishes_open(const order_facts& of) const {
    std::size_t open = 0;
    for (const auto& wish : of.wishes) {
      const auto* saga = saga_of(of, wish);
      open += saga && !saga->now.over() ? 1u : 0u;
    }
    return open;
  }
  [[nodiscard]] const saga_record* saga_of(const order_facts& of, const order_facts::wish& wish) const {
    return find(shop_.sagas, wish.definition + "-" + of.now.id + "~" + std::to_string(wish.at.ns));
  }
  /// The saga that took the order back, or is about to.
  [[nodiscard]] const saga_record* reversal_of(const std::string& order_id) const {
    const auto* placed = find(shop_.orders, order_id);
    if (!placed) return nullptr;
    for (const auto& wish : placed->wishes)
      if (const auto* saga = saga_of(*placed, wish); saga && !undone(saga->now)) return saga;
    return nullptr;
  }

  // --- What starts sagas, and what happens once ----------------------------------------------------------------------

  void inspect_cart(const std::string& id, const cart_facts& cart) {
    for (const auto& [order_id, times] : cart.checkouts) {
      const auto* saga = find(shop_.sagas, "checkout-" + order_id);
      purchase bought;
      if (!saga || saga->now.definition.empty())
        say("cart/" + id + " checked out as " + order_id + ", and there is no saga of it");
      else if (decode(saga->now.input, bought) && bought.customer != id)
        say("cart/" + id + " checked out as " + order_id + ", which is the saga of cart/" + bought.customer);
    }
  }

  void once(const std::string& entity, const std::string& what, std::uint32_t times) {
    if (times > 1) say(entity + " was " + what + " " + std::to_string(times) + " times");
  }

  void inspect_order(const std::string& id, const order_facts& of) {
    once("order/" + id, "placed", of.times_placed);
    once("order/" + id, "confirmed", of.times_confirmed);
    once("order/" + id, "paid", of.times_paid);
    for (const auto& wish : of.wishes)
      if (!saga_of(of, wish)) say("order/" + id + " asked for " + wish.definition + ", and there is no saga of it");
  }

  void inspect_payment(const std::string& id, const payment_facts& of) {
    once("payment/" + id, "requested", of.times_requested);
    once("payment/" + id, "captured", of.times_captured);
    for (const auto& refund : of.refunds_by_hand)
      if (!find(shop_.sagas, "pay-out-" + to_hex(hash128(id + "/" + refund))))
        say("payment/" + id + " made refund " + refund + ", and no saga pays it out");
  }

  void inspect_shelf(const std::string& sku, const shelf_facts& of) {
    for (const auto& [order_id, dealt] : of.by_order) {
      if (!find(shop_.sagas, "checkout-" + order_id)) continue;  // somebody who reserves by hand may do so again
      const auto entity = "inventory/" + sku;
      once(entity, "reserved for order " + order_id, dealt.times_reserved);
      once(entity, "sold to order " + order_id, dealt.times_committed);
      once(entity, "restocked from order " + order_id, dealt.times_restocked);
    }
  }

  void inspect_product(const std::string& id, const product_facts& of) {
    const auto* shelf = find(shop_.shelves, of.sku);
    if (!shelf || shelf->now.sku.empty()) say("product/" + id + " was created, and inventory/" + of.sku + " never stocked");
  }

  shelf_facts::dealings dealings_of(const std::string& sku, const std::string& order_id) const {
    const auto* shelf = find(shop_.shelves, sku);
    if (!shelf) return {};
    const auto found = shelf->by_order.find(order_id);
    return found == shelf->by_order.end() ? shelf_facts::dealings{} : found->second;
  }

  const shop& shop_;
  std::vector<std::string> wrong_;
};

}  // namespace

std::vector<std::string> contradictions(const shop& of) { return inspector(of).inspect(); }

}  // namespace bv::sim
