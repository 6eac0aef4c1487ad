#include "sim/plan/draw.hpp"

#include "protocols/schema/base/assert.hpp"
#include "sim/plan/read_plan.hpp"

namespace bv::sim {

plan draw(const scenario& from, std::uint64_t seed) {
  auto read = read_plan(std::get<table>(from.source.root.is), seed);
  BV_ASSERT(read.problems.empty(), "read_scenario() checks all that can be drawn");
  return std::move(read.drawn);
}

}  // namespace bv::sim
