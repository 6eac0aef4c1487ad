#pragma once

#include <vector>

#include "protocols/schema/contract.hpp"

namespace bv::sim {

/// The contracts of all that a simulated node hosts. They live as long as the program.
std::vector<const schema::aggregate_contract*> shop_contracts();

}  // namespace bv::sim
