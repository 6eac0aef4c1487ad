#pragma once

#include <cstdint>

#include "sim/plan/scenario.hpp"

namespace bv::sim {

/// The run that a seed makes of a scenario. Pure. Each part of the file has a chance of its own, derived from the seed and
/// the part's name, so that taking one part away leaves the others as they were.
plan draw(const scenario& from, std::uint64_t seed);

}  // namespace bv::sim
