#pragma once

#include <cstdint>

#include "protocols/schema/base/bytes.hpp"

namespace bv::runtime {

/// xoshiro256** (Blackman & Vigna, 2018), seeded through splitmix64: the same seed gives the same numbers
/// on every platform, which the std distributions do not promise. Not thread-safe: one for each actor.
class random_source {
 public:
  explicit random_source(std::uint64_t seed);
  std::uint64_t next();
  /// Uniform in [0, bound); `bound` > 0. Lemire's method, unbiased.
  std::uint64_t below(std::uint64_t bound);
  /// Uniform in [0, 1).
  double fraction();

 private:
  std::uint64_t state_[4];
};

/// An independent seed for a named part of a system that runs on one seed.
std::uint64_t derive_seed(std::uint64_t seed, bytes_view name);

}  // namespace bv::runtime
