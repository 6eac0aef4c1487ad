// What the shop's sagas have in common.
#pragma once

#include <string>

#include "protocols/schema/commerce/cart.hpp"
#include "protocols/schema/commerce/inventory.hpp"
#include "protocols/schema/commerce/order.hpp"
#include "protocols/schema/commerce/payment.hpp"
#include "protocols/schema/sagas/checkout.hpp"
#include "protocols/schema/sagas/payment_processor.hpp"
#include "sagas/commerce/commerce_sagas.hpp"
#include "sagas/engine/dsl.hpp"

namespace bv::commerce_sagas {

namespace cart = commerce::cart;
namespace inventory = commerce::inventory;
namespace order = commerce::order;
namespace payment = commerce::payment;

using sagas::call;
using sagas::story;
using sagas::to;

/// Refunds that the sagas below make themselves; all others were made by hand and are paid out by a saga of
/// their own.
inline constexpr std::string_view refund_of_cancelled = "order-cancelled";
inline constexpr std::string_view refund_of_returned = "order-returned";

/// An order is paid by one payment, which has its id.
inline std::string payment_of(const std::string& order_id) {
  return order_id;
}

/// Contracts bound reasons to 200 bytes and want one.
inline std::string reason_or(std::string reason, std::string_view otherwise) {
  constexpr std::size_t size_bytes_max = 200;
  if (reason.empty()) reason = otherwise;
  if (reason.size() > size_bytes_max) reason.resize(size_bytes_max);
  return reason;
}

inline call to_processor(processor::operation what, const std::string& payment_id,
                         const std::string& order_id, const common::money& amount,
                         std::string reference = {}) {
  return sagas::to_service(std::string(payment_processor),
                           processor::instruction{what, payment_id, order_id, amount, std::move(reference)});
}

}  // namespace bv::commerce_sagas
