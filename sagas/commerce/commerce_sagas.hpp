#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "sagas/engine/definition.hpp"
#include "sagas/engine/reaction.hpp"

namespace bv::commerce_sagas {

/// A cart that was checked out becomes an order that is paid and shipped, or nothing at all. (S6)
sagas::definition checkout();
/// An order whose customer cancels it before the parcel leaves.
sagas::definition cancel_order();
/// An order whose customer wants the money back. (S8)
sagas::definition refund_order();
/// A refund that was made on a payment by hand reaches the customer.
sagas::definition pay_out();

/// All of the above: what a node gives to its engine.
std::vector<sagas::definition> definitions();

/// What starts them, and what else follows in the shop from one aggregate to another. For
/// sagas::make_reactions.
std::vector<sagas::reaction> reactions();

/// The external service that they call: sagas/commerce/mock_processor.hpp is one.
inline constexpr std::string_view payment_processor = "payment-processor";

}  // namespace bv::commerce_sagas
