#pragma once

#include <string>
#include <vector>

#include "sim/checkers/checker.hpp"
#include "tools/chaos/node_logs.hpp"

namespace bv::chaos {

/// What is to be judged of a run.
struct evidence {
  std::vector<sim::operation> history;  ///< in the order of `invoked`
  std::uint16_t shards = 16, nodes = 3;
  timestamp ended;
  /// What the nodes broke among themselves.
  std::vector<sim::violation> breaches;
};

/// Names of the simulator's invariants that can be judged from outside of real processes.
std::vector<std::string> judged_invariants();

/// The simulator's own checkers on it: what clients were told, against what is on the disks.
std::vector<sim::violation> judge(evidence all, node_logs logs);

}  // namespace bv::chaos
