#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sim/checkers/commerce_fold.hpp"
#include "sim/checkers/saga_fold.hpp"
#include "sim/observe/observation.hpp"

namespace bv::sim {

/// An entity's last record.
struct last_record {
  std::uint64_t version = 0;
  timestamp wake_after;
};

struct cart_facts {
  last_record last;
  commerce::cart::state now;
  std::map<std::string, std::uint32_t> checkouts;  ///< times started, by order
};

struct shelf_facts {
  /// What one order did with the SKU: how often, and with how many units.
  struct dealings {
    std::uint32_t times_reserved = 0, times_committed = 0, times_restocked = 0;
    std::int64_t committed = 0, restocked = 0;
  };
  last_record last;
  commerce::inventory::state now;
  std::map<std::string, dealings> by_order;
};

struct order_facts {
  struct wish {
    std::string definition;  ///< of the saga that sees to it
    timestamp at;
  };
  last_record last;
  commerce::order::state now;
  std::uint32_t times_placed = 0, times_confirmed = 0, times_paid = 0;
  std::vector<wish> wishes;
};

struct payment_facts {
  last_record last;
  commerce::payment::state now;
  std::uint32_t times_requested = 0, times_captured = 0;
  std::vector<std::string> refunds_by_hand;
};

struct product_facts {
  last_record last;
  std::string id, sku;
};

struct saga_record {
  last_record last;
  saga_facts now;
  std::vector<std::string> wrong;  ///< sentences without subject
};

/// One shop: a node's, or a tenant's of a node. By entity id.
struct shop {
  std::map<std::string, cart_facts, std::less<>> carts;
  std::map<std::string, shelf_facts, std::less<>> shelves;
  std::map<std::string, order_facts, std::less<>> orders;
  std::map<std::string, payment_facts, std::less<>> payments;
  std::map<std::string, product_facts, std::less<>> products;
  std::map<std::string, saga_record, std::less<>> sagas;
};

/// Everything that the log says of the shops, folded record by record.
class shop_book {
 public:
  /// False if one of its events can't be read.
  bool take(const observed_record& record);

  using shop_name = std::pair<std::uint16_t, std::string>;  ///< node and tenant
  [[nodiscard]] const std::map<shop_name, shop>& shops() const { return shops_; }
  /// Of the record's entity; null before its first record.
  [[nodiscard]] const shop* shop_of(std::uint16_t node, const entity_key& entity) const;

 private:
  std::map<shop_name, shop> shops_;
};

/// What is wrong with a state that is shown of an entity which has records in the book, if those are all it has; empty:
/// nothing, or it is of a type that is not folded.
std::string wrong_with_shown(const shop& book, const entity_key& entity, bytes_view state);

/// The facts under an id, or null.
template <class Facts>
const Facts* find(const std::map<std::string, Facts, std::less<>>& in, std::string_view id) {
  const auto found = in.find(id);
  return found == in.end() ? nullptr : &found->second;
}

}  // namespace bv::sim
