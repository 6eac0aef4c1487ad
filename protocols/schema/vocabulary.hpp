#pragma once

#include <cstdint>

/// Ids of the annotations of bv.capnp: Cap'n Proto's own generator makes no constants for them.
namespace bv::schema::vocabulary {

inline constexpr std::uint64_t file = 0xb1e7c0a1d5f04001;
inline constexpr std::uint64_t aggregate = 0xb1e7c0a1d5f04002;
inline constexpr std::uint64_t doc = 0xb1e7c0a1d5f04003;
inline constexpr std::uint64_t example = 0xb1e7c0a1d5f04004;
inline constexpr std::uint64_t min = 0xb1e7c0a1d5f04005;
inline constexpr std::uint64_t max = 0xb1e7c0a1d5f04006;
inline constexpr std::uint64_t min_length = 0xb1e7c0a1d5f04007;
inline constexpr std::uint64_t max_length = 0xb1e7c0a1d5f04008;
inline constexpr std::uint64_t pattern = 0xb1e7c0a1d5f04009;
inline constexpr std::uint64_t optional = 0xb1e7c0a1d5f0400a;
inline constexpr std::uint64_t key = 0xb1e7c0a1d5f0400b;
inline constexpr std::uint64_t instant = 0xb1e7c0a1d5f0400c;
inline constexpr std::uint64_t generated = 0xb1e7c0a1d5f0400d;
inline constexpr std::uint64_t route = 0xb1e7c0a1d5f0400e;
inline constexpr std::uint64_t scope = 0xb1e7c0a1d5f0400f;
inline constexpr std::uint64_t internal = 0xb1e7c0a1d5f04010;
inline constexpr std::uint64_t version = 0xb1e7c0a1d5f04011;
inline constexpr std::uint64_t answers = 0xb1e7c0a1d5f04012;
inline constexpr std::uint64_t tombstone = 0xb1e7c0a1d5f04013;

}  // namespace bv::schema::vocabulary
