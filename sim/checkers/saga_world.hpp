#pragma once

#include <string>
#include <vector>

#include "sim/checkers/shop_book.hpp"

namespace bv::sim {

/// Where a shop at rest is not as the ends of its sagas say, and where a saga is missing. Sentences that begin with the
/// entity.
std::vector<std::string> contradictions(const shop& of);

}  // namespace bv::sim
