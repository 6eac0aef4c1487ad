#pragma once

#include "protocols/schema/commerce/cart.hpp"
#include "protocols/schema/commerce/inventory.hpp"
#include "protocols/schema/commerce/order.hpp"
#include "protocols/schema/commerce/payment.hpp"

/// What the shop's events say, by the contracts' own words. Written a second time on purpose: the aggregates' `evolve` is
/// what is to be judged. Bears any sequence of events, sensible or not.
namespace bv::sim {

void fold(commerce::cart::state& now, const commerce::cart::event& happened);
void fold(commerce::inventory::state& now, const commerce::inventory::event& happened);
void fold(commerce::order::state& now, const commerce::order::event& happened);
void fold(commerce::payment::state& now, const commerce::payment::event& happened);

}  // namespace bv::sim
