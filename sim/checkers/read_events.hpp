#pragma once

#include <string>
#include <utility>

#include "sim/observe/observation.hpp"

namespace bv::sim {

/// Calls `each` with every event of the record, decoded. False if one can't be read; those before it were seen.
template <class Contract, class Each>
bool for_each_event(const observed_record& record, Each&& each) {
  for (const auto& happened : record.events) {
    typename Contract::event_type event;
    if (!Contract::decode(happened.payload, event)) return false;
    each(std::as_const(event));
  }
  return true;
}

/// Visits a variant with one lambda for each alternative that matters, and one for the rest.
template <class... Cases>
struct cases : Cases... {
  using Cases::operator()...;
};

inline std::string node_name(std::uint16_t node) { return "n" + std::to_string(node + 1); }

/// "n1 inventory/MUG-1 at version 7".
inline std::string place_of(const observed_record& record) {
  return node_name(record.node) + " " + std::string(record.entity.type_and_id()) + " at version " +
         std::to_string(record.version);
}

/// An entity of one of the nodes: each has a shop of its own.
using node_entity = std::pair<std::uint16_t, std::string>;
inline node_entity entity_of(const observed_record& record) { return {record.node, record.entity.text()}; }

}  // namespace bv::sim
