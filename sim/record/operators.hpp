#pragma once

#include <string>
#include <vector>

#include "sim/plan/plan.hpp"

namespace bv::sim {

struct story;

/// What operators did to the sagas of a story: cancelled, redriven, discarded, signalled by hand.
struct operator_record {
  std::vector<fault> faults;
  std::vector<std::string> notes;  ///< what could not be written
};
operator_record record_operators(const story& of);

}  // namespace bv::sim
