#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "protocols/schema/base/time.hpp"

namespace bv::commerce {

/// A reservation frees itself after this long (E4).
inline constexpr duration reservation_lifetime = std::chrono::minutes{5};

/// At or below this many available units somebody has to reorder (E4).
inline constexpr std::int64_t reorder_point = 10;

/// Open reservations of one SKU.
inline constexpr std::size_t reservations_max = 1'000'000;

/// Reservations that one firing of the timer frees at most; it fires again at once for the rest.
inline constexpr std::size_t expiries_per_wake_up_max = 500;

/// Units of one SKU, available and reserved ones together.
inline constexpr std::int64_t stock_max = 1'000'000'000;

}  // namespace bv::commerce
