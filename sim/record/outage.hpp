#pragma once

#include <optional>

#include "sim/plan/plan.hpp"

namespace bv::sim {

struct story;

/// A node that lives rings a saga's deadline in time. If it came late the node was away, and nothing else tells so: then
/// this is a crash that begins soon after the last that was heard of it, and ends when the deadline was seen to be over.
std::optional<fault> infer_outage(const story& of);

}  // namespace bv::sim
