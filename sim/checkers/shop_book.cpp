#include "sim/checkers/shop_book.hpp"

#include "protocols/schema/commerce/product.hpp"
#include "sim/checkers/read_events.hpp"

namespace bv::sim {
namespace {

bool take(cart_facts& facts, const observed_record& record) {
  using namespace commerce::cart;
  return for_each_event<contract>(record, [&](const event& happened) {
    if (const auto* started = std::get_if<checkout_started>(&happened)) ++facts.checkouts[started->order_id];
    fold(facts.now, happened);
  });
}

bool take(shelf_facts& facts, const observed_record& record) {
  using namespace commerce::inventory;
  return for_each_event<contract>(record, [&](const event& happened) {
    std::visit(cases{[&](const reserved& fact) { ++facts.by_order[fact.reservation_id].times_reserved; },
                     [&](const committed& fact) {
                       auto& dealt = facts.by_order[fact.reservation_id];
                       ++dealt.times_committed;
                       dealt.committed += fact.quantity;
                     },
                     [&](const restocked& fact) {
                       auto& dealt = facts.by_order[fact.return_id];
                       ++dealt.times_restocked;
                       dealt.restocked += fact.quantity;
                     },
                     [](const auto&) {}},
               happened);
    fold(facts.now, happened);
  });
}

bool take(order_facts& facts, const observed_record& record) {
  using namespace commerce::order;
  return for_each_event<contract>(record, [&](const event& happened) {
    std::visit(cases{[&](const placed&) { ++facts.times_placed; }, [&](const confirmed&) { ++facts.times_confirmed; },
                     [&](const paid&) { ++facts.times_paid; },
                     [&](const cancellation_requested& fact) { facts.wishes.push_back({"cancel-order", fact.at}); },
                     [&](const refund_requested& fact) { facts.wishes.push_back({"refund-order", fact.at}); },
                     [](const auto&) {}},
               happened);
    fold(facts.now, happened);
  });
}

bool take(payment_facts& facts, const observed_record& record) {
  using namespace commerce::payment;
  return for_each_event<contract>(record, [&](const event& happened) {
    std::visit(cases{[&](const requested&) { ++facts.times_requested; }, [&](const captured&) { ++facts.times_captured; },
                     [&](const refund_made& fact) {
                       if (!is_sagas_refund(fact.refund_id)) facts.refunds_by_hand.push_back(fact.refund_id);
                     },
                     [](const auto&) {}},
               happened);
    fold(facts.now, happened);
  });
}

bool take(product_facts& facts, const observed_record& record) {
  using namespace commerce::product;
  return for_each_event<contract>(record, [&](const event& happened) {
    if (const auto* made = std::get_if<created>(&happened)) {
      facts.id = made->id;
      facts.sku = made->sku;
    }
  });
}

bool take(saga_record& facts, const observed_record& record) {
  return for_each_event<sagas::run::contract>(record, [&](const sagas::run::event& happened) {
    if (auto wrong = fold(facts.now, happened); !wrong.empty()) facts.wrong.push_back(std::move(wrong));
  });
}

template <class Contract>
std::string compare(const typename Contract::state_type& folded, bytes_view shown) {
  typename Contract::state_type decoded;
  if (!Contract::decode(shown, decoded)) return "a state that can't be read";
  return decoded == folded ? std::string() : "another state than its events give";
}

template <class Facts>
bool take(std::map<std::string, Facts, std::less<>>& all, const observed_record& record) {
  auto& facts = all[std::string(record.entity.id())];
  facts.last = {record.version, record.wake_after};
  return take(facts, record);
}

}  // namespace

bool shop_book::take(const observed_record& record) {
  auto& into = shops_[{record.node, std::string(record.entity.tenant())}];
  const auto type = record.entity.type();
  if (type == "cart") return sim::take(into.carts, record);
  if (type == "inventory") return sim::take(into.shelves, record);
  if (type == "order") return sim::take(into.orders, record);
  if (type == "payment") return sim::take(into.payments, record);
  if (type == "product") return sim::take(into.products, record);
  if (type == "saga") return sim::take(into.sagas, record);
  return true;
}

const shop* shop_book::shop_of(std::uint16_t node, const entity_key& entity) const {
  const auto found = shops_.find({node, std::string(entity.tenant())});
  return found == shops_.end() ? nullptr : &found->second;
}

std::string wrong_with_shown(const shop& book, const entity_key& entity, bytes_view state) {
  const auto type = entity.type();
  const auto id = entity.id();
  if (type == "cart") return compare<commerce::cart::contract>(find(book.carts, id)->now, state);
  if (type == "inventory") return compare<commerce::inventory::contract>(find(book.shelves, id)->now, state);
  if (type == "order") return compare<commerce::order::contract>(find(book.orders, id)->now, state);
  if (type == "payment") return compare<commerce::payment::contract>(find(book.payments, id)->now, state);
  return {};
}

}  // namespace bv::sim
