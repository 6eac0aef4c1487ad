// The shop's real aggregates, sagas, reactions and payment processor on virtual time.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "actors/commerce/commerce.hpp"
#include "protocols/schema/commerce/cart.hpp"
#include "protocols/schema/commerce/inventory.hpp"
#include "protocols/schema/commerce/order.hpp"
#include "protocols/schema/commerce/payment.hpp"
#include "sagas/commerce/commerce_sagas.hpp"
#include "sagas/commerce/mock_processor.hpp"
#include "tests/sagas/engine/saga_world.hpp"

namespace bv::commerce_sagas::testing {

class shop_world final : public runtime::gateway {
 public:
  explicit shop_world(commerce::processor_options temper = {.approve_percent = 100});

  // --- What people do ---
  /// Puts units of a SKU on the shelf, as the creation of a product does.
  void stock(const std::string& sku, std::uint32_t units);
  /// Fills the customer's cart at 12.50 a piece and checks it out.
  void check_out(const std::string& customer, const std::string& order_id,
                 std::map<std::string, std::uint32_t> items);
  template <class Contract, class Command>
  result<void> tell(const std::string& id, Command command, const std::string& principal = {}) {
    return handle(Contract::reflection().name(), id,
                  Contract::encode(typename Contract::command_type(command)), principal);
  }

  // --- What is then to be seen ---
  template <class Contract>
  typename Contract::state_type state(const std::string& id) {
    typename Contract::state_type found;
    const auto& one = entity_of(Contract::reflection().name(), id);
    const auto read = Contract::decode(one.type->encode(*one.state), found);
    (void)read;
    return found;
  }
  commerce::inventory::state shelf(const std::string& sku) {
    return state<commerce::inventory::contract>(sku);
  }
  commerce::order::state order(const std::string& id) { return state<commerce::order::contract>(id); }
  commerce::payment::state payment(const std::string& id) { return state<commerce::payment::contract>(id); }
  commerce::cart::state cart(const std::string& customer) {
    return state<commerce::cart::contract>(customer);
  }
  mock_processor::books books() const { return processor_->totals(); }
  /// Commands that aggregates have recorded.
  std::uint32_t records() const { return records_; }
  /// Reactions that were refused.
  const std::vector<std::string>& notes() const { return notes_; }

  sagas::testing::saga_world sagas;
  /// Lets a command of the sagas fail before it reaches its aggregate.
  std::function<std::optional<sagas::testing::reaction>(const sagas::testing::seen_call&)> interfere;

  // --- What the reactions use ---
  void ask(runtime::command_request request, runtime::receipt_handler answer) override;
  void view(runtime::view_request request, runtime::view_handler answer) override;

 private:
  struct entity {
    const runtime::aggregate_type* type = nullptr;
    std::unique_ptr<runtime::entity_state> state;
    std::uint64_t version = 0;
  };
  entity& entity_of(const std::string& type, const std::string& id);
  result<void> handle(const std::string& type, const std::string& id, const bytes& command,
                      const std::string& principal = {}, const std::string& command_id = {});

  std::vector<std::unique_ptr<runtime::aggregate_type>> types_;
  std::map<std::pair<std::string, std::string>, entity> entities_;
  std::shared_ptr<runtime::event_handler> reactions_;
  mock_processor* processor_ = nullptr;
  std::uint32_t records_ = 0;
  std::vector<std::string> notes_;
};

}  // namespace bv::commerce_sagas::testing
