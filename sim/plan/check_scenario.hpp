#pragma once

#include <span>
#include <vector>

#include "protocols/schema/contract.hpp"
#include "sim/plan/plan.hpp"

namespace bv::sim {

/// What is wrong with a plan: entities, commands, bodies, events, fields and values that the contracts don't have, nodes
/// and shelves that are not there, names that are used twice. Empty if nothing is. Kind invalid; the context says where
/// ("client ada, step 2"), codes begin with `plan_` or are those of the body's JSON.
std::vector<error> check_scenario(const plan& what, std::span<const schema::aggregate_contract* const> contracts);

}  // namespace bv::sim
