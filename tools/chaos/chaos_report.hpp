#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/checkers/checker.hpp"
#include "tools/chaos/asker.hpp"
#include "tools/chaos/fault.hpp"
#include "tools/chaos/silences.hpp"

namespace bv::chaos {

/// What a run was, and what came of it.
struct chaos_report {
  std::uint64_t seed = 0;
  std::string replay;    ///< the command line that does the same again
  std::string machinery; ///< nodes, shards, network, what stands in for what
  std::string folder;    ///< that was kept; empty: none was
  double took_s = 0, under_faults_s = 0;
  bool interrupted = false;
  timestamp began;
  std::vector<struck_fault> faults;
  std::vector<felt> what_was_felt;  ///< by fault
  tally seen;
  std::uint64_t commands = 0, views = 0, repeated = 0;  ///< operations of customers; those that took more than one attempt
  std::uint64_t records = 0;                            ///< on each node's disk
  std::vector<std::string> invariants;
  std::vector<sim::violation> violations;

  [[nodiscard]] bool passed() const { return violations.empty(); }
};

std::string to_text(const chaos_report& of);
/// One object, with all faults.
std::string to_json(const chaos_report& of);

/// One line about a fault: when, what, to whom, how long, and what was felt of it if that is known.
std::string line_of(const struck_fault& fault, timestamp began, const felt* of_it);

}  // namespace bv::chaos
