#pragma once

#include <string>
#include <vector>

#include "protocols/schema/contract_files.hpp"

namespace bv::schema {

/// One thing that worked with the released contracts and does not with the current ones.
struct breach {
  std::string where;  ///< cart.Command.addItem.quantity
  std::string what;   ///< "is gone", "its type was Text, now it is UInt32" …
};

/// Compares the contracts as last released with the current ones. A breach is
/// - for whatever is stored (states, events, plain structs): a field, union member or enum value that is gone, renamed,
///   renumbered or of another type, default or presence; a limit that is tighter than stored values had to meet;
/// - for events: another full type name (ecommerce.cart.item_added.v1);
/// - for clients: a command, query, route, parameter or shown field that is gone or means something else, another
///   scope, a parameter that must be given from now on.
/// What is new is no breach, nor are tighter limits on what clients send: business rules change.
std::vector<breach> breaches(const contract_set& released, const contract_set& current);

/// One line each.
std::string describe(const std::vector<breach>& all);

}  // namespace bv::schema
