#pragma once

#include <cstddef>
#include <cstdint>

#include "actors/commerce/money.hpp"
#include "protocols/schema/base/keyed_list.hpp"
#include "protocols/schema/commerce/line.hpp"

namespace bv::commerce {

using lines = keyed_list<line, &line::sku>;

/// What an order may be (E3). Amounts are minor units of the order's own currency.
inline constexpr std::size_t order_lines_max = 50;
inline constexpr std::int64_t order_total_min_minor = 10'00;
inline constexpr std::int64_t order_total_max_minor = 10'000'00;

/// The highest price of one unit: low enough that no sum of a cart can overflow.
inline constexpr std::int64_t price_max_minor = 1'000'000'00;

/// Sum over quantity × price of at least one line. Errors: `price_out_of_range`, `currency_mixed`,
/// `amount_too_large`.
result<money> total_of(const lines& of);

/// Errors: `order_too_many_lines`, `order_below_minimum`, `order_above_maximum`.
result<void> check_order_limits(const lines& ordered, const money& total);

}  // namespace bv::commerce
