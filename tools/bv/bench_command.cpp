#include "tools/bv/bench_command.hpp"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <string>

#include "tools/bench/benches.hpp"
#include "tools/exit_codes.hpp"

namespace bv::tools {
namespace {

namespace fs = std::filesystem;

/// A folder of this process's own, removed with all that is in it.
class scratch_folder {
 public:
  explicit scratch_folder(const fs::path& parent)
      : path_(parent / ("bv-bench-" + std::to_string(::getpid()))) {
    fs::create_directories(path_);
  }
  ~scratch_folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

bool run_one(const bench::bench& what, const bench_command_options& options) {
  const scratch_folder folder(options.folder.empty() ? fs::current_path() : fs::path(options.folder));
  const auto outcome = what.run(
      {.folder = folder.path(), .seconds = options.seconds, .seed = options.seed, .scale = options.scale});
  if (!outcome) {
    std::fprintf(stderr, "bench %s: %s\n", std::string(what.name).c_str(), describe(outcome.error()).c_str());
    return false;
  }
  std::printf("%s\n", (options.json ? bench::to_json(*outcome) : bench::to_text(*outcome)).c_str());
  std::fflush(stdout);
  return true;
}

}  // namespace

int run_bench_command(const bench_command_options& options) {
  bool found = false, succeeded = true;
  for (const auto& each : bench::benches()) {
    const bool of_the_subject = each.name.starts_with(options.name + "-");
    if (options.name != "all" && options.name != each.name && !of_the_subject) continue;
    found = true;
    succeeded = run_one(each, options) && succeeded;
  }
  if (found) return succeeded ? exit_done : exit_failed;
  std::fprintf(stderr, "there is no benchmark \"%s\"; there are:\n", options.name.c_str());
  for (const auto& each : bench::benches())
    std::fprintf(stderr, "  %-18s %s\n", std::string(each.name).c_str(), std::string(each.purpose).c_str());
  std::fprintf(stderr, "  %-18s %s\n", "all", "every one of them");
  return exit_usage;
}

}  // namespace bv::tools
