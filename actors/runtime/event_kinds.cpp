#include "actors/runtime/event_kinds.hpp"

#include <algorithm>

namespace bv::runtime {

bool event_interest::wants(std::string_view of_type, std::uint16_t ordinal) const {
  return type == of_type && (ordinals.empty() || std::ranges::find(ordinals, ordinal) != ordinals.end());
}

bool wanted(std::span<const event_interest> by, std::string_view type, std::uint16_t ordinal) {
  return by.empty() || std::ranges::any_of(by, [&](const auto& one) { return one.wants(type, ordinal); });
}

event_kinds event_kinds::all() {
  event_kinds made;
  made.words_.fill(~std::uint64_t{0});
  return made;
}

event_kinds event_kinds::of(std::span<const event_interest> interests) {
  if (interests.empty()) return all();
  event_kinds made;
  for (const auto& one : interests) {
    const auto tag = tag_of(one.type);
    if (one.ordinals.empty()) made.set(bit(tag, any_ordinal));
    for (const auto ordinal : one.ordinals) made.set(bit(tag, ordinal));
  }
  return made;
}

}  // namespace bv::runtime
