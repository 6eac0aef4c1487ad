#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>

#include "protocols/schema/base/bytes.hpp"

namespace bv {

/// XXH3, 64 bits. Not for secrets: checksums, shard choice, body comparison.
std::uint64_t hash64(bytes_view data);

/// XXH3, 128 bits: wide enough to stand for the text that it was made of.
struct hash128_value {
  std::uint64_t high = 0, low = 0;
  friend auto operator<=>(const hash128_value&, const hash128_value&) = default;
};
hash128_value hash128(bytes_view data);

/// 32 lower-case hex digits, high half first.
std::string to_hex(hash128_value value);

}  // namespace bv

template <>
struct std::hash<bv::hash128_value> {
  std::size_t operator()(const bv::hash128_value& h) const noexcept { return h.low; }
};
