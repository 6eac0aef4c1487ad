#pragma once

#include <cstdint>
#include <string>

#include "protocols/schema/base/result.hpp"
#include "protocols/schema/common.hpp"

namespace bv::commerce {

using common::money;

/// `each` × `count`. Error: `amount_too_large`.
result<money> times(const money& each, std::uint32_t count);

/// Errors: `currency_mixed`, `amount_too_large`.
result<money> plus(const money& left, const money& right);
result<money> minus(const money& left, const money& right);

/// Error: `currency_mixed`, naming both.
result<void> require_same_currency(const money& left, const money& right);

/// For messages: "12.50 USD". Two decimals, whatever the currency.
std::string to_text(const money& amount);

}  // namespace bv::commerce
