#pragma once

#include <vector>

#include "actors/runtime/gateway.hpp"

namespace bv::commerce {

/// A small catalogue to try things with: the commands that create its products. Ids and command ids are
/// always the same, so that sending them again changes nothing; whoever does treats `product_exists` as done.
std::vector<runtime::command_request> sample_catalogue();

}  // namespace bv::commerce
