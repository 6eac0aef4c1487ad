#pragma once

#include <string>
#include <vector>

#include "sim/plan/plan.hpp"
#include "sim/plan/write_scenario.hpp"
#include "sim/record/source.hpp"

/// Makes a scenario of what happened: `bv sim record`. Reading is behind event_source; all else is pure.
namespace bv::sim {

struct recording {
  plan what;                       ///< replays it
  file_head head;
  bool unfinished = false;         ///< the saga, or one that it belongs to, still goes on
  std::vector<std::string> notes;  ///< what was left out or inferred, a sentence each
};

/// Records the story that a saga belongs to (story.hpp). Errors: those of read_story, and `record_no_scenario` if what was
/// read makes no sound plan, which is a bug.
result<recording> record_saga(event_source& from, const std::string& saga_id);

}  // namespace bv::sim
