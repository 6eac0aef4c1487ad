#pragma once

#include <cstdint>
#include <string>

namespace bv::tools {

struct sim_mutants_options {
  std::string only;          ///< names of mutants, separated by commas; empty: all
  double cpu_seconds_max = 120;
  std::uint64_t shrink_trials_max = 600;
  std::string out_folder;    ///< where the shrunk scenarios go; empty: nowhere
  unsigned jobs = 0;         ///< mutants that are hunted at the same time; 0: one for each core
  bool json = false;
};

/// `bv sim mutants`: plants each deliberate bug in turn and looks for it with the shipped scenarios. Prints a table. Only in
/// a build with `-Dmutants=true`; in any other it says so. Exit code: 0 all were found, 1 not, 2 no such mutant or build.
int run_sim_mutants_command(const sim_mutants_options& options);

}  // namespace bv::tools
