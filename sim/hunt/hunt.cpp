#include "sim/hunt/hunt.hpp"

#include <algorithm>
#include <utility>

#include "sim/hunt/shrink.hpp"
#include "sim/plan/draw.hpp"

namespace bv::sim {
namespace {

/// What is worth any number of seeds; most other scenarios do nearly the same under each.
constexpr std::string_view workhorse = "swarm";

/// Those that the mutant names, in its order, then the others; after the first round only those whose seeds differ much.
std::vector<const scenario*> likeliest_first(const mutant& what, const std::vector<scenario>& all, bool first_round) {
  std::vector<const scenario*> order;
  const auto add = [&](const scenario& one) {
    if (std::ranges::find(order, &one) == order.end()) order.push_back(&one);
  };
  for (const auto name : what.scenarios)
    for (const auto& one : all)
      if (one.name == name) add(one);
  for (const auto& one : all)
    if (first_round || one.name == workhorse) add(one);
  if (order.empty())
    for (const auto& one : all) add(one);
  return order;
}

void make_smaller(hunted& of, plan from, const campaign_options& campaign, std::uint64_t trials_max) {
  if (campaign.tier) from.where.tier = *campaign.tier;
  of.size = of.size_shrunk = size_of(from);
  of.smallest = from;
  if (trials_max == 0) return;
  const auto still_fails = [&](const plan& smaller) {
    const auto outcome = run_plan(smaller, campaign);
    return outcome && outcome->breaks(of.invariant);
  };
  of.smallest = shrink(std::move(from), still_fails,
                       {.trials_max = trials_max,
                        .keep_workload = of.invariant == "awaited" || of.invariant == "expected",
                        .on_progress = {}})
                    .what;
  of.size_shrunk = size_of(of.smallest);
}

}  // namespace

campaign_options campaign_with(const mutant& what, campaign_options chosen) {
#ifdef BV_MUTANTS
  chosen.prepare = [which = what.which] { choose_mutation(which); };
#endif
  if (what.needs_files) chosen.tier = storage_tier::rocks;
  return chosen;
}

result<hunted> hunt(const mutant& what, const hunt_options& options) {
  const auto campaign = campaign_with(what, options.campaign);
  hunted sum;
  for (std::uint64_t seed = 1; !sum.found && sum.cpu_seconds < options.cpu_seconds_max; ++seed)
    for (const auto* const scenario : likeliest_first(what, options.scenarios, seed == 1)) {
      variant at;
      BV_TRY(run_seeds(*scenario, {seed, seed}, campaign, [&](const seed_outcome& outcome) {
        ++sum.seeds_tried;
        sum.cpu_seconds += outcome.cpu_seconds;
        if (!is_surprise(*scenario, outcome) || outcome.ok()) return true;
        sum.found = true;
        sum.invariant = outcome.violations.front().invariant;
        sum.what = outcome.violations.front().what;
        sum.scenario = scenario->name;
        sum.seed = seed;
        at = outcome.failed_at;
        return false;
      }));
      if (sum.found) make_smaller(sum, apply(draw(*scenario, seed), at), campaign, options.shrink_trials_max);
      if (sum.found || sum.cpu_seconds >= options.cpu_seconds_max) break;
    }
  return sum;
}

}  // namespace bv::sim
