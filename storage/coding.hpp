#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "protocols/schema/base/bytes.hpp"

/// The few encodings that everything on disk is made of. Numbers in values are little-endian or varints;
/// numbers in keys are big-endian, so that bytes sort as the numbers do.
namespace bv::storage {

static_assert(std::endian::native == std::endian::little, "numbers are stored as they lie in memory");

template <class Number>
void put_fixed(bytes& out, Number value) {
  char raw[sizeof value];
  std::memcpy(raw, &value, sizeof value);
  out.append(raw, sizeof value);
}

inline void put_varint(bytes& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

inline void put_prefixed(bytes& out, bytes_view data) {
  put_varint(out, data.size());
  out.append(data);
}

inline void put_key16(bytes& out, std::uint16_t value) {
  put_fixed(out, __builtin_bswap16(value));
}
inline void put_key32(bytes& out, std::uint32_t value) {
  put_fixed(out, __builtin_bswap32(value));
}
inline void put_key64(bytes& out, std::uint64_t value) {
  put_fixed(out, __builtin_bswap64(value));
}

/// Takes values off the front of bytes that nobody vouches for. After a value that isn't there `ok` is
/// false and stays so; what is returned then means nothing.
class decoder {
 public:
  explicit decoder(bytes_view data) : rest(data) {}
  bytes_view rest;
  bool ok = true;

  template <class Number>
  Number fixed() {
    Number value{};
    if (!take(sizeof value)) return value;
    std::memcpy(&value, taken_, sizeof value);
    return value;
  }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (!take(1)) return 0;
      const auto byte = static_cast<std::uint8_t>(*taken_);
      if (shift == 63 && byte > 1) break;
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    ok = false;
    return 0;
  }

  bytes_view prefixed() {
    const auto size = varint();
    return take(size) ? bytes_view(taken_, size) : bytes_view{};
  }

  std::uint16_t key16() { return __builtin_bswap16(fixed<std::uint16_t>()); }
  std::uint32_t key32() { return __builtin_bswap32(fixed<std::uint32_t>()); }
  std::uint64_t key64() { return __builtin_bswap64(fixed<std::uint64_t>()); }

 private:
  const char* taken_ = nullptr;

  bool take(std::uint64_t size) {
    if (!ok || size > rest.size()) return ok = false;
    taken_ = rest.data();
    rest.remove_prefix(size);
    return true;
  }
};

}  // namespace bv::storage
