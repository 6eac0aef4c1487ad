#include "tools/sim/run_command.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <optional>
#include <thread>

#include "sim/hunt/hunt.hpp"
#include "sim/plan/draw.hpp"
#include "sim/plan/shipped.hpp"
#include "tools/exit_codes.hpp"
#include "tools/sim/failure_report.hpp"
#include "tools/sim/find_mutant.hpp"
#include "tools/sim/find_scenario.hpp"

namespace bv::tools {
namespace {

int wrong(const error& why) {
  std::fprintf(stderr, "bv sim: %s\n", describe(why).c_str());
  return exit_usage;
}

void print_verdict(const sim::scenario& of, const sim::seed_outcome& outcome, bool json) {
  if (!json) {
    std::printf("verdict %s seed %lu hash %s\n", outcome.ok() ? "ok" : "failed", outcome.seed, outcome.hash.c_str());
    std::fflush(stdout);
    return;
  }
  boost::json::array broken;
  for (const auto& one : outcome.violations) broken.push_back({{"invariant", one.invariant}, {"what", one.what}});
  const boost::json::object line{{"scenario", of.name},
                                 {"seed", outcome.seed},
                                 {"verdict", outcome.ok() ? "ok" : "failed"},
                                 {"expected", !is_surprise(of, outcome)},
                                 {"hash", outcome.hash},
                                 {"digest", outcome.digest},
                                 {"violations", std::move(broken)},
                                 {"runs", outcome.runs},
                                 {"virtual_seconds", static_cast<double>(outcome.virtual_time.count()) / 1e9},
                                 {"cpu_seconds", outcome.cpu_seconds},
                                 {"turns", outcome.turns},
                                 {"events", outcome.events},
                                 {"journal_writes", outcome.journal_writes},
                                 {"commands_accepted", outcome.commands_accepted},
                                 {"sagas_ended", outcome.sagas_ended}};
  std::printf("%s\n", boost::json::serialize(line).c_str());
  std::fflush(stdout);
}

/// Counts, and says where it stands if somebody watches.
class tally {
 public:
  tally(std::uint64_t planned, bool json) : planned_(planned), watched_(!json && planned > 1 && ::isatty(STDERR_FILENO) != 0) {}

  void add(const sim::scenario& of, const sim::seed_outcome& outcome) {
    ++seeds_;
    runs_ += outcome.runs;
    cpu_seconds_ += outcome.cpu_seconds;
    virtual_seconds_ += static_cast<double>(outcome.virtual_time.count()) / 1e9;
    if (is_surprise(of, outcome)) ++unexpected_;
    if (watched_) std::fprintf(stderr, "\r%lu of %lu seeds, %lu unexpected \r", seeds_, planned_, unexpected_);
  }
  void print() const {
    std::printf("%lu seeds, %lu runs, %lu unexpected; %.0f virtual seconds in %.1f CPU seconds\n", seeds_, runs_, unexpected_,
                virtual_seconds_, cpu_seconds_);
  }
  [[nodiscard]] std::uint64_t unexpected() const { return unexpected_; }

 private:
  const std::uint64_t planned_;
  const bool watched_;
  std::uint64_t seeds_ = 0, runs_ = 0, unexpected_ = 0;
  double cpu_seconds_ = 0, virtual_seconds_ = 0;
};

result<sim::campaign_options> campaign_of(const sim_run_options& options) {
  sim::campaign_options chosen{.at_once = options.jobs > 0 ? options.jobs : std::max(1u, std::thread::hardware_concurrency())};
  if (options.tier == "memory") chosen.tier = sim::storage_tier::memory;
  else if (options.tier == "rocks") chosen.tier = sim::storage_tier::rocks;
  else if (!options.tier.empty())
    return failure(error_kind::invalid, "bad_tier", "--tier is memory or rocks, not \"" + options.tier + "\"");
  if (options.plant.empty()) return chosen;
  BV_ASSIGN(const auto planted, find_mutant(options.plant));
  return campaign_with(planted, std::move(chosen));
}

}  // namespace

int run_sim_run_command(const sim_run_options& options) {
  const auto scenario = find_scenario(options.scenario);
  if (!scenario) return wrong(scenario.error());
  const auto campaign = campaign_of(options);
  if (!campaign) return wrong(campaign.error());
  const auto seeds = options.seeds.empty() ? result<sim::seed_range>(scenario->seeds) : sim::parse_seeds(options.seeds);
  if (!seeds) return wrong(seeds.error());

  tally sum(seeds->last - seeds->first + 1, options.json);
  std::vector<sim::seed_outcome> outcomes;
  std::optional<sim::seed_outcome> worst;  ///< the first that is not as expected
  const auto ran = run_seeds(*scenario, *seeds, *campaign, [&](const sim::seed_outcome& outcome) {
    sum.add(*scenario, outcome);
    outcomes.push_back(outcome);
    if (is_surprise(*scenario, outcome) && (!worst || outcome.seed < worst->seed)) worst = outcome;
    return true;
  });
  if (!ran) return wrong(ran.error());
  if (worst && !worst->ok())
    tell_failure({*scenario, *worst, options, *campaign});
  else if (!outcomes.empty())
    tell_run({*scenario, outcomes.back(), options, *campaign});
  if (!options.json && outcomes.size() > 1) sum.print();
  std::ranges::sort(outcomes, {}, &sim::seed_outcome::seed);
  for (const auto& one : outcomes) print_verdict(*scenario, one, options.json);
  return sum.unexpected() == 0 ? exit_done : exit_failed;
}

int run_sim_list_command(bool json) {
  boost::json::array all;
  for (const auto& one : sim::shipped_scenarios()) {
    const auto read = sim::read_scenario(one.text, std::string(one.file));
    if (!read) return wrong(read.error());
    if (json)
      all.push_back({{"name", read->name}, {"about", read->about}, {"file", one.file}});
    else
      std::printf("%-36s %s\n", read->name.c_str(), read->about.c_str());
  }
  if (json) std::printf("%s\n", boost::json::serialize(all).c_str());
  return exit_done;
}

int run_sim_check_command(const std::string& scenario) {
  const auto found = find_scenario(scenario);
  if (!found) return wrong(found.error());
  const auto drawn = sim::draw(*found, found->seeds.first);
  std::printf("%s: fine. Seed %lu: %zu clients, %zu faults, %u shards\n", found->file.c_str(), found->seeds.first,
              drawn.clients.size(), drawn.faults.size(), unsigned{drawn.where.shards});
  return exit_done;
}

}  // namespace bv::tools
