#pragma once

#include <chrono>
#include <string_view>

#include "protocols/schema/base/time.hpp"
#include "protocols/schema/commerce/cart.hpp"
#include "protocols/schema/commerce/inventory.hpp"
#include "protocols/schema/commerce/order.hpp"
#include "protocols/schema/commerce/payment.hpp"

/// What the shop's events say, by the contracts' own words. Written a second time on purpose: the aggregates' `evolve` is
/// what is to be judged. Bears any sequence of events, sensible or not.
namespace bv::sim {

/// How long goods are held for a checkout (E4).
inline constexpr duration goods_held_for = std::chrono::minutes{5};

void fold(commerce::cart::state& now, const commerce::cart::event& happened);
void fold(commerce::inventory::state& now, const commerce::inventory::event& happened);
void fold(commerce::order::state& now, const commerce::order::event& happened);
void fold(commerce::payment::state& now, const commerce::payment::event& happened);

/// Whether the sagas make the refund of that id themselves; people make the others.
bool is_sagas_refund(std::string_view id);

}  // namespace bv::sim
