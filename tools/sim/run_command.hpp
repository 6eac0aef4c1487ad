#pragma once

#include <cstdint>
#include <string>

namespace bv::tools {

struct sim_run_options {
  std::string scenario;     ///< a file, or the name of a shipped one
  std::string seeds;        ///< "7" or "1..100"; empty: the scenario's budget
  unsigned jobs = 0;        ///< processes at once; 0: one for each core
  std::string plant;        ///< name of a deliberate bug, in a build that has them
  std::string tier;         ///< "memory" or "rocks" instead of the scenario's
  std::string trace_file;   ///< HTML page of the run (of the failing one, or of the last seed)
  std::string out_folder = ".";  ///< where a shrunk scenario goes
  bool json = false;        ///< one JSON object a line instead of text
  bool shrink = true;
  bool timeline = false;    ///< print the timeline of a run that went well, too
};

/// `bv sim run`: replays a scenario under one seed or many. Prints a verdict a seed; of the first failure, how to see it
/// again, its timeline and a smaller scenario that fails as well. Exit code: 0 every verdict is the expected one, 1 not, 2
/// the scenario is wrong.
int run_sim_run_command(const sim_run_options& options);

/// `bv sim list`: the shipped scenarios.
int run_sim_list_command(bool json);

/// `bv sim check FILE`: reads a scenario, tells every problem, and draws its first plan. Exit code 0 or 2.
int run_sim_check_command(const std::string& scenario);

}  // namespace bv::tools
