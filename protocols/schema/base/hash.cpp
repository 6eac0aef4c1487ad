#include "protocols/schema/base/hash.hpp"

#include <fmt/format.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace bv {

std::uint64_t hash64(bytes_view data) { return XXH3_64bits(data.data(), data.size()); }

hash128_value hash128(bytes_view data) {
  const auto h = XXH3_128bits(data.data(), data.size());
  return {h.high64, h.low64};
}

std::string to_hex(hash128_value value) { return fmt::format("{:016x}{:016x}", value.high, value.low); }

}  // namespace bv
