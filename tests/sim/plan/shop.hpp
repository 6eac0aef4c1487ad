#pragma once

#include <array>
#include <span>

#include "protocols/schema/cluster/members.hpp"
#include "protocols/schema/commerce/cart.hpp"
#include "protocols/schema/commerce/inventory.hpp"
#include "protocols/schema/commerce/order.hpp"
#include "protocols/schema/commerce/payment.hpp"
#include "protocols/schema/commerce/product.hpp"
#include "protocols/schema/contract.hpp"
#include "protocols/schema/sagas/saga.hpp"

namespace bv::sim {

/// The contracts of all that a shop has, and of the cluster that it may run on.
inline std::span<const schema::aggregate_contract* const> shop() {
  static const std::array<const schema::aggregate_contract*, 7> all{
      &commerce::cart::contract::reflection(),    &commerce::inventory::contract::reflection(),
      &commerce::order::contract::reflection(),   &commerce::payment::contract::reflection(),
      &commerce::product::contract::reflection(), &sagas::run::contract::reflection(),
      &runtime::members::contract::reflection()};
  return all;
}

}  // namespace bv::sim
