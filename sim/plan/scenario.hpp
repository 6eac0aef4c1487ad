#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/schema/base/result.hpp"
#include "sim/plan/document.hpp"
#include "sim/plan/plan.hpp"

namespace bv::sim {

/// From the first to the last, both included.
struct seed_range {
  std::uint64_t first = 1, last = 1;
  friend bool operator==(const seed_range&, const seed_range&) = default;
};
/// "7" or "1..100". Error `bad_seeds`.
result<seed_range> parse_seeds(std::string_view text);
std::string to_text(const seed_range& seeds);

/// How a run is meant to end: well, or with one invariant broken.
struct expected_verdict {
  std::string violation;  ///< the invariant's name; empty: none is broken
  friend bool operator==(const expected_verdict&, const expected_verdict&) = default;
};

/// A scenario file: what is common to all its runs. What differs, draw() takes from the file anew for each seed.
struct scenario {
  std::string file, name, about;
  seed_range seeds;           ///< the budget: what is run if nobody asks for other seeds
  expected_verdict expected;
  /// Not empty: each seed is one run for every journal write of every node and each of these moments, with a crash there,
  /// beside a first one without.
  std::vector<trigger::write_moment> crash_at_every_write;
  document source;            ///< without problems
};

/// Reads and checks all that doesn't need the contracts (check_scenario.hpp does the rest). Error `scenario_invalid`: the
/// message has one line a problem, `file:line:column: what is wrong and what would be right`.
result<scenario> read_scenario(std::string_view text, const std::string& file);

}  // namespace bv::sim
