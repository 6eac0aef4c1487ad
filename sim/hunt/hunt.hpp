#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/hunt/campaign.hpp"
#include "sim/hunt/mutants.hpp"

/// The simulator's own test: is a bug that we planted found, how soon, and how small is what is left of the run that shows
/// it? Works in a build with mutants; in any other all of them go unseen.
namespace bv::sim {

struct hunt_options {
  const std::vector<scenario>& scenarios;  ///< what is run for every mutant; those that it names first
  double cpu_seconds_max = 120;            ///< of a mutant, shrinking not counted
  std::uint64_t shrink_trials_max = 600;   ///< 0: is not made smaller
  campaign_options campaign;
};

struct hunted {
  bool found = false;
  std::string invariant, what;   ///< the first that was broken
  std::string scenario;
  std::uint64_t seed = 0;
  std::uint64_t seeds_tried = 0;
  double cpu_seconds = 0;        ///< until it was found
  std::size_t size = 0, size_shrunk = 0;  ///< steps and faults of the plan
  plan smallest;
};

/// The campaign with the bug planted in every run, on real files if only they show it.
campaign_options campaign_with(const mutant& what, campaign_options chosen);

/// Runs seed 1 of every scenario, then seed 2 … of those that the mutant names and of `swarm`, until one is a surprise or
/// the budget is used up. Error: a plan is wrong.
result<hunted> hunt(const mutant& what, const hunt_options& options);

}  // namespace bv::sim
