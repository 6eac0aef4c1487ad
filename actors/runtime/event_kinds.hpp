#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/schema/base/hash.hpp"

namespace bv::runtime {

/// The events that somebody follows: those members of an aggregate type's Event union, or all if none is named.
struct event_interest {
  std::string type;
  std::vector<std::uint16_t> ordinals = {};
  [[nodiscard]] bool wants(std::string_view of_type, std::uint16_t ordinal) const;
};

/// True if one of the interests wants it; no interests want everything.
bool wanted(std::span<const event_interest> by, std::string_view type, std::uint16_t ordinal);

/// Which kinds of events a batch holds, as a Bloom filter of one hash: a reader passes over a batch that has nothing
/// for it without decoding it. It never denies a kind that is there, and may rarely claim one that is not.
class event_kinds {
 public:
  /// What stands for an aggregate type's name here.
  static std::uint64_t tag_of(std::string_view type) { return hash64(type); }

  void add(std::uint64_t type_tag, std::uint16_t ordinal) {
    set(bit(type_tag, any_ordinal));
    set(bit(type_tag, ordinal));
  }
  /// For a batch that nobody looked into.
  static event_kinds all();
  /// Of what interests are made; all() for none.
  static event_kinds of(std::span<const event_interest> interests);

  [[nodiscard]] bool may_share(const event_kinds& with) const {
    std::uint64_t common = 0;
    for (std::size_t i = 0; i < words_.size(); ++i) common |= words_[i] & with.words_[i];
    return common != 0;
  }

 private:
  static constexpr std::uint32_t any_ordinal = 0x10000;
  static constexpr unsigned bits = 256;

  static unsigned bit(std::uint64_t type_tag, std::uint32_t ordinal) {
    // Fibonacci hashing: neighbours in the union land far apart.
    return static_cast<unsigned>(((type_tag + ordinal) * 0x9E3779B97F4A7C15ull) >> 56);
  }
  void set(unsigned at) { words_[at / 64] |= std::uint64_t{1} << (at % 64); }

  std::array<std::uint64_t, bits / 64> words_{};
};

}  // namespace bv::runtime
