#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bv::sim {

/// The names of the shop's sagas.
std::vector<std::string> saga_names();
/// The steps of one, in order; empty if there is no such saga.
std::vector<std::string> saga_steps(std::string_view saga);

}  // namespace bv::sim
