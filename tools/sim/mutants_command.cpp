#include "tools/sim/mutants_command.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <thread>

#include "sim/hunt/child.hpp"
#include "sim/hunt/hunt.hpp"
#include "sim/hunt/mutants.hpp"
#include "sim/plan/shipped.hpp"
#include "sim/plan/write_scenario.hpp"
#include "tools/exit_codes.hpp"
#include "tools/sim/find_mutant.hpp"

namespace bv::tools {
namespace {

namespace json = boost::json;

/// Of one run: a mutant that never ends is found by that.
constexpr unsigned run_cpu_seconds_max = 20;
/// Of a whole hunt, shrinking and all.
constexpr unsigned hunt_cpu_seconds_max = 3600;

int wrong(const std::string& why) {
  std::fprintf(stderr, "bv sim mutants: %s\n", why.c_str());
  return exit_usage;
}

/// The mutants that are asked for; the name that is none otherwise.
result<std::vector<sim::mutant>> chosen(const std::string& only) {
  if (only.empty()) return sim::all_mutants();
  std::vector<sim::mutant> some;
  std::istringstream names(only);
  for (std::string name; std::getline(names, name, ',');) {
    BV_ASSIGN(auto found, find_mutant(name));
    some.push_back(std::move(found));
  }
  return some;
}

result<std::vector<sim::scenario>> shipped() {
  std::vector<sim::scenario> all;
  for (const auto& one : sim::shipped_scenarios()) {
    BV_ASSIGN(auto read, sim::read_scenario(one.text, std::string(one.file)));
    all.push_back(std::move(read));
  }
  return all;
}

/// What a hunt found, as its process says it.
struct catch_of_the_day {
  bool found = false;
  std::string invariant, what, scenario, smallest;
  std::uint64_t seed = 0, seeds_tried = 0, size = 0, size_shrunk = 0;
  double cpu_seconds = 0;
};

std::string to_text(const sim::hunted& of) {
  const auto smallest = of.found ? sim::write_scenario(of.smallest, {.about = of.what, .expected = {of.invariant}}) : "";
  return json::serialize(json::object{{"found", of.found}, {"invariant", of.invariant}, {"what", of.what},
                                      {"scenario", of.scenario}, {"smallest", smallest}, {"seed", of.seed},
                                      {"seeds_tried", of.seeds_tried}, {"size", of.size}, {"size_shrunk", of.size_shrunk},
                                      {"cpu_seconds", of.cpu_seconds}});
}

catch_of_the_day from_text(const std::string& said) {
  boost::system::error_code problem;
  const auto whole = json::parse(said, problem);
  if (problem || !whole.is_object()) return {};
  const auto& from = whole.as_object();
  const auto text = [&](const char* key) { return std::string(from.at(key).as_string()); };
  const auto number = [&](const char* key) { return from.at(key).to_number<std::uint64_t>(); };
  return {.found = from.at("found").as_bool(), .invariant = text("invariant"), .what = text("what"),
          .scenario = text("scenario"), .smallest = text("smallest"), .seed = number("seed"),
          .seeds_tried = number("seeds_tried"), .size = number("size"), .size_shrunk = number("size_shrunk"),
          .cpu_seconds = from.at("cpu_seconds").to_number<double>()};
}

void print(const sim::mutant& what, const catch_of_the_day& of, bool as_json) {
  if (as_json) {
    std::printf("%s\n", json::serialize(json::object{{"mutant", what.name}, {"found", of.found}, {"invariant", of.invariant},
                                                     {"what", of.what}, {"scenario", of.scenario}, {"seed", of.seed},
                                                     {"seeds_tried", of.seeds_tried}, {"cpu_seconds", of.cpu_seconds},
                                                     {"size", of.size}, {"size_shrunk", of.size_shrunk}}).c_str());
  } else if (of.found) {
    std::printf("%-36s found   %-24s %-28s %6lu %8.2f %6lu %6lu\n", std::string(what.name).c_str(), of.invariant.c_str(),
                (of.scenario + "/" + std::to_string(of.seed)).c_str(), of.seeds_tried, of.cpu_seconds, of.size, of.size_shrunk);
  } else {
    std::printf("%-36s MISSED  %-24s %-28s %6lu %8.2f\n", std::string(what.name).c_str(), "", "", of.seeds_tried, of.cpu_seconds);
  }
  std::fflush(stdout);
}

void print_sum(const std::vector<catch_of_the_day>& all) {
  std::vector<double> seconds;
  for (const auto& one : all)
    if (one.found) seconds.push_back(one.cpu_seconds);
  std::ranges::sort(seconds);
  std::printf("%zu of %zu found", seconds.size(), all.size());
  if (!seconds.empty()) std::printf("; CPU seconds to detection: median %.2f, most %.2f", seconds[seconds.size() / 2], seconds.back());
  std::printf("\n");
}

void keep_smallest(const sim::mutant& what, const catch_of_the_day& of, const std::string& folder) {
  if (folder.empty() || !of.found) return;
  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);
  std::ofstream(std::filesystem::path(folder) / (std::string(what.name) + ".toml")) << of.smallest;
}

}  // namespace

int run_sim_mutants_command(const sim_mutants_options& options) {
  if (const auto there_are = require_mutants(); !there_are) return wrong(there_are.error().message);
  const auto mutants = chosen(options.only);
  if (!mutants) return wrong(mutants.error().message);
  const auto scenarios = shipped();
  if (!scenarios) return wrong(describe(scenarios.error()));

  if (!options.json)
    std::printf("%-36s %-7s %-24s %-28s %6s %8s %6s %6s\n", "mutant", "", "invariant", "scenario/seed", "seeds", "CPU s", "size",
                "shrunk");
  std::vector<catch_of_the_day> all;
  std::optional<error> problem;
  // A hunt waits for its runs: it is a process of its own so that several can wait at a time.
  sim::children hunting(options.jobs > 0 ? options.jobs : std::max(1u, std::thread::hardware_concurrency()), hunt_cpu_seconds_max);
  for (const auto& what : *mutants) {
    const auto began = hunting.begin(
        [&](const auto& say) {
          const auto caught = sim::hunt(what, {.scenarios = *scenarios,
                                               .cpu_seconds_max = options.cpu_seconds_max,
                                               .shrink_trials_max = options.shrink_trials_max,
                                               .campaign = {.at_once = 1, .cpu_seconds_max = run_cpu_seconds_max}});
          if (caught) return say(to_text(*caught));
          std::fprintf(stderr, "%s", describe(caught.error()).c_str());
        },
        [&, what](const sim::child_end& end) {
          const auto caught = from_text(end.said);
          if (end.said.empty()) problem = error{error_kind::internal, "hunt_failed", std::string(what.name) + ": " + end.errors};
          print(what, caught, options.json);
          keep_smallest(what, caught, options.out_folder);
          all.push_back(caught);
        });
    if (!began) return wrong(describe(began.error()));
  }
  hunting.finish();
  if (problem) return wrong(describe(*problem));
  if (!options.json) print_sum(all);
  return std::ranges::all_of(all, [](const auto& one) { return one.found; }) ? exit_done : exit_failed;
}

}  // namespace bv::tools
