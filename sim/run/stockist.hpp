#pragma once

#include "sim/plan/plan.hpp"

namespace bv::sim {

/// How long whatever is done undisturbed may take.
constexpr duration undisturbed_max = std::chrono::minutes{2};

/// The client who fills the shelves of the shop at `node`: each product, and its stock.
client_script stockist_of(const plan& what, std::uint16_t node);

}  // namespace bv::sim
