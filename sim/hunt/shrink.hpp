#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "sim/plan/plan.hpp"

/// Makes a plan that fails small enough to read: takes away what the failure does not need (ddmin.hpp), then makes what
/// is left plainer (simplify.hpp), again and again until nothing more is accepted.
namespace bv::sim {

struct shrink_options {
  std::uint64_t trials_max = 2'000;
  /// Leaves clients, shelves, expectations and the time after the chaos alone. For a failure that only says that
  /// something did not come about (an expectation, an await that was required): without the client who does it, it
  /// would not come about either, and what was left would show nothing.
  bool keep_workload = false;
  /// After each trial: trials so far, and the size of the smallest plan so far. May be empty.
  std::function<void(std::uint64_t trials, std::size_t size)> on_progress;
};

struct shrunk {
  plan what;                 ///< fails
  std::uint64_t trials = 0;  ///< how often `still_fails` was asked
  bool complete = false;     ///< nothing more can be taken away or simplified; false: the bound ended the search
};

/// The steps of all clients and the faults: what a reader has to understand.
std::size_t size_of(const plan& of);

/// `still_fails` runs a plan and says whether it fails in the same way (breaks the same invariant; a plan that cannot
/// be run does not). That `from` fails is taken for granted. Neither the seed nor the time in which all must have
/// settled is changed: with less of it a healthy node would fail too.
shrunk shrink(plan from, const std::function<bool(const plan&)>& still_fails, const shrink_options& options);

}  // namespace bv::sim
