#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

/// Delta debugging: which of n things does a failure need? After Zeller and Hildebrandt, "Simplifying and Isolating
/// Failure-Inducing Input", IEEE Transactions on Software Engineering 28(2), 2002, section 3, algorithm ddmin.
///
/// What is left is cut into parts, two at first. If one part alone still fails, go on with that part, in two again. If
/// all but one part fails, go on without it, in as many parts less one. If neither, cut twice as finely; once each part
/// is a single element and nothing can be left out, what is left is 1-minimal: it fails, and it fails no more without
/// any one of its elements. (It need not be the smallest set that fails: two elements may have to go together.)
///
/// Three deviations. The paper takes it that nothing at all does not fail; here that is tried first, since many
/// failures do not need, say, any fault. Having left out a part, we go on with the next one instead of from the first:
/// a test is a whole run, and those before have just been found to be needed. And no set is tried twice.
///
/// Takes about n log n trials when little is needed, n²/2 at worst; hence the bound.
namespace bv::sim {

/// Some of the numbers 0 … n-1, in ascending order.
using subset = std::vector<std::size_t>;

struct ddmin_result {
  subset kept;               ///< fails
  std::uint64_t trials = 0;  ///< how often `fails` was asked
  bool minimal = false;      ///< 1-minimal; false only if the bound ended the search
};

/// `fails` says whether a subset of 0 … n-1 fails; it is taken for granted that all of them together do. It is asked at
/// most `trials_max` times, and never twice for the same subset.
ddmin_result ddmin(std::size_t n, const std::function<bool(const subset&)>& fails, std::uint64_t trials_max);

}  // namespace bv::sim
