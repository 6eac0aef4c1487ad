#pragma once

#include <string>
#include <vector>

#include "sim/plan/plan.hpp"

namespace bv::sim {

struct story;

/// What the payment processor did, as faults that follow the story's own events, so that each attempt meets what it met,
/// however long the pauses between them are this time. Prompt approvals need none.
struct processor_story {
  std::vector<fault> faults;
  std::vector<std::string> notes;  ///< what could not be written
};
processor_story record_processor(const story& of);

}  // namespace bv::sim
