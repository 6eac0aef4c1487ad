#include "protocols/schema/contract.hpp"

namespace bv::schema {

const command_type* aggregate_contract::find_command(std::string_view name) const {
  for (const auto& one : of_.commands)
    if (one.name == name) return &one;
  return nullptr;
}

const event_type* aggregate_contract::find_event(std::uint16_t ordinal) const {
  return ordinal < of_.events.size() ? &of_.events[ordinal] : nullptr;
}

}  // namespace bv::schema
