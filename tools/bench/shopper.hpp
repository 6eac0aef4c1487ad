#pragma once

#include <cstdint>

namespace bv::bench {

/// Whether a shopper who puts one thing after the other into a cart empties it instead, the n-th time: carts stay the size of carts.
constexpr bool empties_cart(std::uint64_t nth_time) {
  constexpr std::uint64_t items_before_clear = 8;
  return nth_time % (items_before_clear + 1) == items_before_clear;
}

}  // namespace bv::bench
