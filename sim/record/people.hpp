#pragma once

#include <vector>

#include "sim/plan/plan.hpp"

namespace bv::sim {

struct story;

/// Who took part in a story, and what each did at the distances in time that are recorded: the customer, whoever else asked
/// for the order to be taken back, the warehouse, and who pays refunds out by hand. Where a person could act only after
/// seeing something, the replay looks for it first.
std::vector<client_script> record_people(const story& of);

}  // namespace bv::sim
