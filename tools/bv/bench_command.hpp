#pragma once

#include <cstdint>
#include <string>

namespace bv::tools {

struct bench_command_options {
  std::string name;    ///< of a benchmark, or "all"
  bool json = false;   ///< one JSON object a line instead of text
  double seconds = 10;
  std::uint64_t seed = 1;
  std::uint64_t scale = 1'000'000;
  std::string folder;  ///< where the data of the run goes and is removed from; empty: the current folder
};

/// `bv bench`: runs one benchmark or all of them. Returns the exit code: 0 measured and verified, 1 it failed, 2 there
/// is no benchmark of that name.
int run_bench_command(const bench_command_options& options);

}  // namespace bv::tools
