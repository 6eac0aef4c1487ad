#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/plan/scenario.hpp"
#include "sim/run/run.hpp"

/// Many runs of a scenario: each seed in a process of its own.
namespace bv::sim {

/// One of the runs that an exhaustive scenario makes of one seed: a crash at a journal write, or none.
struct variant {
  std::optional<trigger::journal_write> crash;
  std::uint16_t node = 0;
  friend bool operator==(const variant&, const variant&) = default;
};
std::string to_text(const variant& one);
plan apply(plan to, const variant& one);

/// How the runs of one seed went. A run that aborted or did not end breaks the invariant `crashes` or `ends`.
struct seed_outcome {
  std::uint64_t seed = 0;
  std::vector<violation> violations;  ///< of the first run that broke any
  variant failed_at;                  ///< that run
  std::string hash;                   ///< of all its runs
  std::string digest;
  std::uint64_t runs = 0, turns = 0, events = 0, journal_writes = 0, commands_accepted = 0, sagas_ended = 0;
  duration virtual_time{};
  double cpu_seconds = 0;
  std::uint64_t memory_max_kb = 0;

  [[nodiscard]] bool ok() const { return violations.empty(); }
  [[nodiscard]] bool breaks(const std::string& invariant) const;
};

/// Whether an outcome is not what its scenario leads to expect.
bool is_surprise(const scenario& of, const seed_outcome& outcome);

struct campaign_options {
  unsigned at_once = 1;                 ///< processes
  std::optional<storage_tier> tier;     ///< instead of the scenario's
  unsigned cpu_seconds_max = 300;       ///< of one seed
  std::string folder;                   ///< for tier rocks: where runs make folders of their own, and remove them
  std::function<void()> prepare = {};   ///< is called in every process before its runs
};

/// Runs the seeds; `each` is called with every outcome, in the order of their seeds however many run at once; it returns
/// false to stop. Error: a plan is wrong, or there are no processes or folders to be had.
result<void> run_seeds(const scenario& what, const seed_range& seeds, const campaign_options& options,
                       const std::function<bool(const seed_outcome&)>& each);

/// One plan in a process of its own.
result<seed_outcome> run_plan(const plan& what, const campaign_options& options);

}  // namespace bv::sim
