#pragma once

#include <capnp/any.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "protocols/schema/types.hpp"

namespace bv::schema {

// Access to a struct's data section by reflection data. Cap'n Proto's dynamic API does the same by looking schemas up
// at every step; here the layout was resolved once. Reading follows the rules of evolution: what lies beyond the end
// of an older, shorter section is the default.

inline std::size_t inline_size(kind of) {
  switch (of) {
    case kind::int8:
    case kind::uint8: return 1;
    case kind::int16:
    case kind::uint16:
    case kind::enumeration: return 2;
    case kind::int32:
    case kind::uint32:
    case kind::float32: return 4;
    default: return 8;
  }
}

inline std::uint64_t read_bits(kj::ArrayPtr<const kj::byte> data, const field& of) {
  std::uint64_t bits = 0;
  if (of.of == kind::boolean) {
    if (of.slot / 8 < data.size()) bits = (data[of.slot / 8] >> (of.slot % 8)) & 1;
  } else {
    const auto size = inline_size(of.of), at = size * of.slot;
    if (at + size <= data.size()) std::memcpy(&bits, data.begin() + at, size);
  }
  return bits ^ of.default_bits;
}

/// `data` must be a section of the struct's own size.
inline void write_bits(kj::ArrayPtr<kj::byte> data, const field& of, std::uint64_t bits) {
  bits ^= of.default_bits;
  if (of.of == kind::boolean) {
    const auto mask = static_cast<kj::byte>(1u << (of.slot % 8));
    auto& byte = data[of.slot / 8];
    byte = static_cast<kj::byte>((bits & 1) != 0 ? byte | mask : byte & ~mask);
  } else {
    const auto size = inline_size(of.of);
    std::memcpy(data.begin() + size * of.slot, &bits, size);
  }
}

inline std::uint16_t read_discriminant(kj::ArrayPtr<const kj::byte> data, const struct_type& of) {
  std::uint16_t which = 0;
  const auto at = sizeof(which) * of.wire().discriminant;
  if (at + sizeof(which) <= data.size()) std::memcpy(&which, data.begin() + at, sizeof(which));
  return which;
}

inline void write_discriminant(kj::ArrayPtr<kj::byte> data, const struct_type& of, std::uint16_t which) {
  std::memcpy(data.begin() + sizeof(which) * of.wire().discriminant, &which, sizeof(which));
}

/// Sign-extends what read_bits() gave for a signed integer.
inline std::int64_t as_signed(kind of, std::uint64_t bits) {
  switch (of) {
    case kind::int8: return static_cast<std::int8_t>(bits);
    case kind::int16: return static_cast<std::int16_t>(bits);
    case kind::int32: return static_cast<std::int32_t>(bits);
    default: return static_cast<std::int64_t>(bits);
  }
}

}  // namespace bv::schema
