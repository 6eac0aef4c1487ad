#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/checkers/checker.hpp"
#include "sim/plan/plan.hpp"
#include "sim/trace/trace.hpp"

namespace bv::sim {

struct run_options {
  trace::options tracing;
  std::string folder;  ///< for tier rocks: an empty folder that it may fill
};

/// How a run ended.
struct run_outcome {
  std::vector<violation> violations;  ///< none: all invariants held
  std::string hash;                   ///< of everything that happened
  std::string digest;                 ///< of what is on the disks at the end: the same in both tiers
  trace what_happened{trace::options{}};
  timestamp began;                    ///< when clients and faults were let loose
  duration virtual_time{};
  std::uint64_t turns = 0;            ///< messages that actors took
  std::uint64_t events = 0;           ///< of the world: timers, deliveries, writes, faults
  std::vector<std::uint64_t> journal_writes;  ///< of each node, while faults could strike
  std::uint64_t commands_accepted = 0, commands_refused = 0, commands_unknown = 0, sagas_ended = 0;

  [[nodiscard]] bool ok() const { return violations.empty(); }
};

/// Runs a plan to its end, on this thread. Deterministic: all that it depends on is the plan. Error: the plan is wrong (an
/// entity type, command or field that does not exist).
result<run_outcome> run(const plan& what, const run_options& options);

}  // namespace bv::sim
