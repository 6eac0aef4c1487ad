#include <CLI/CLI.hpp>
#include <cstdio>
#include <functional>

#include "tools/bv/admin_command.hpp"
#include "tools/bv/bench_command.hpp"
#include "tools/bv/chaos_command.hpp"
#include "tools/bv/node_command.hpp"
#include "tools/exit_codes.hpp"
#include "tools/node/version.hpp"
#include "tools/sim/mutants_command.hpp"
#include "tools/sim/record_command.hpp"
#include "tools/sim/run_command.hpp"

namespace {

namespace tools = bv::tools;

/// What the command line asks for.
struct request {
  tools::node_command_options node;
  tools::bench_command_options bench;
  tools::sim_run_options sim_run;
  bool sim_list_json = false;
  std::string sim_check_scenario;
  tools::sim_mutants_options sim_mutants;
  tools::sim_record_options sim_record;
  std::function<int()> run;
};

void add_node(CLI::App& app, request& to) {
  auto* node = app.add_subcommand("node", "Run a node until SIGTERM or SIGINT");
  node->add_option("--config", to.node.config_file, "Config file (TOML); without it the embedded default");
  node->add_flag("--check", to.node.check_only, "Read the config, tell every problem, and end");
  node->callback([&to] { to.run = [&to] { return tools::run_node_command(to.node); }; });
}

void add_bench(CLI::App& app, request& to) {
  auto* bench = app.add_subcommand("bench", "Measure, against a reference of the same run");
  bench->add_option("name", to.bench.name, "Which one, or all; a wrong name lists them")->required();
  bench->add_flag("--json", to.bench.json, "One JSON object a line");
  bench->add_option("--seconds", to.bench.seconds, "Of measuring, each")->check(CLI::PositiveNumber);
  bench->add_option("--seed", to.bench.seed, "Of everything that draws lots");
  bench->add_option("--scale", to.bench.scale, "Aggregates of memory and recovery")->check(CLI::PositiveNumber);
  bench->add_option("--folder", to.bench.folder, "Where the run's data goes for a while; default: here");
  bench->callback([&to] { to.run = [&to] { return tools::run_bench_command(to.bench); }; });
}

void add_sim_record(CLI::App& sim, request& to) {
  auto& options = to.sim_record;
  auto* record = sim.add_subcommand("record", "Write a scenario that replays a saga of production");
  record->add_option("--saga", options.saga, "Its id, as checkout-ORDER")->required();
  auto* from = record->add_option_group("from", "Where its events are");
  from->add_option("--data-dir", options.data_dir, "Data directory of a node that is not running");
  from->add_option("--connect", options.address, "A running node: http://HOST:PORT");
  from->require_option(1);
  record->add_option("--shards", options.shards, "With --data-dir: as many as the node has")->check(CLI::Range(1, 1024));
  record->add_option("--out", options.out_file, "The file to write; default: standard output");
  record->add_flag("--json", options.json, "One JSON object");
  record->callback([&to] { to.run = [&to] { return tools::run_sim_record_command(to.sim_record); }; });
}

void add_sim(CLI::App& app, request& to) {
  auto* sim = app.add_subcommand("sim", "The node on virtual time: replay scenarios, look for what breaks");
  sim->require_subcommand(1);

  auto& options = to.sim_run;
  auto* run = sim->add_subcommand("run", "Replay a scenario; a verdict for each seed");
  run->add_option("scenario", options.scenario, "A file, or the name of a shipped one (bv sim list)")->required();
  run->add_option("--seed,--seeds", options.seeds, "N or A..B; default: the scenario's own");
  run->add_option("--jobs", options.jobs, "Seeds that run at the same time; default: one for each core");
  run->add_option("--tier", options.tier, "memory or rocks (real files), instead of the scenario's");
  run->add_option("--plant", options.plant, "Name of a deliberate bug (bv sim mutants), in a build that has them");
  run->add_option("--trace", options.trace_file, "Write the run as an HTML page: the failing one, or the last");
  run->add_option("--out", options.out_folder, "Folder for the scenario that a failing run is shrunk to; default: here");
  run->add_flag("--json", options.json, "One JSON object a seed");
  run->add_flag("!--no-shrink", options.shrink, "Don't make a failing run smaller");
  run->add_flag("--timeline", options.timeline, "Print what happened, also in a run that went well");
  run->callback([&to] { to.run = [&to] { return tools::run_sim_run_command(to.sim_run); }; });

  add_sim_record(*sim, to);

  auto* list = sim->add_subcommand("list", "The shipped scenarios");
  list->add_flag("--json", to.sim_list_json, "As JSON");
  list->callback([&to] { to.run = [&to] { return tools::run_sim_list_command(to.sim_list_json); }; });

  auto& hunt = to.sim_mutants;
  auto* mutants = sim->add_subcommand("mutants", "Look for deliberate bugs, in a build that has them");
  mutants->add_option("--only", hunt.only, "Names of mutants, separated by commas; default: all");
  mutants->add_option("--cpu-seconds", hunt.cpu_seconds_max, "Budget of a mutant");
  mutants->add_option("--shrink-trials", hunt.shrink_trials_max, "Runs to make a find smaller; 0: leave it");
  mutants->add_option("--out", hunt.out_folder, "Folder for the shrunk scenarios");
  mutants->add_option("--jobs", hunt.jobs, "Mutants at the same time; default: one for each core");
  mutants->add_flag("--json", hunt.json, "One JSON object a mutant");
  mutants->callback([&to] { to.run = [&to] { return tools::run_sim_mutants_command(to.sim_mutants); }; });

  auto* check = sim->add_subcommand("check", "Read a scenario and tell every problem");
  check->add_option("scenario", to.sim_check_scenario, "A file, or the name of a shipped one")->required();
  check->callback([&to] { to.run = [&to] { return tools::run_sim_check_command(to.sim_check_scenario); }; });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"BitVelocity: durable actors, sagas and their protocols."};
  app.name("bv");
  app.set_version_flag("--version", std::string("bv ") + BV_VERSION);
  app.require_subcommand(1);
  request asked;
  add_node(app, asked);
  add_bench(app, asked);
  add_sim(app, asked);
  tools::add_admin_commands(app, asked.run);
  tools::add_chaos_commands(app, asked.run);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem) == 0 ? tools::exit_done : tools::exit_usage;
  }
  return asked.run();
}
