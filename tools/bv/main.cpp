#include <CLI/CLI.hpp>
#include <cstdio>

#include "tools/bv/bench_command.hpp"
#include "tools/bv/node_command.hpp"
#include "tools/node/version.hpp"

namespace {

/// Exit codes that users rely on: 0 success, 1 the work failed, 2 usage or config error.
constexpr int usage_error = 2;

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"BitVelocity: durable actors, sagas and their protocols."};
  app.name("bv");
  app.set_version_flag("--version", std::string("bv ") + BV_VERSION);
  app.require_subcommand(1);

  bv::tools::node_command_options node_options;
  auto* node = app.add_subcommand("node", "Run a node until SIGTERM or SIGINT");
  node->add_option("--config", node_options.config_file, "Config file (TOML); without it the embedded default");
  node->add_flag("--check", node_options.check_only, "Read the config, tell every problem, and end");

  bv::tools::bench_command_options bench_options;
  auto* bench = app.add_subcommand("bench", "Measure, against a reference of the same run");
  bench->add_option("name", bench_options.name, "Which one, or all; a wrong name lists them")->required();
  bench->add_flag("--json", bench_options.json, "One JSON object a line");
  bench->add_option("--seconds", bench_options.seconds, "Of measuring, each")->check(CLI::PositiveNumber);
  bench->add_option("--seed", bench_options.seed, "Of everything that draws lots");
  bench->add_option("--scale", bench_options.scale, "Aggregates of memory and recovery")->check(CLI::PositiveNumber);
  bench->add_option("--folder", bench_options.folder, "Where the run's data goes for a while; default: here");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem) == 0 ? 0 : usage_error;
  }
  return bench->parsed() ? bv::tools::run_bench_command(bench_options) : bv::tools::run_node_command(node_options);
}
