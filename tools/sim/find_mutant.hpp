#pragma once

#include <string_view>

#include "protocols/schema/base/result.hpp"
#include "sim/hunt/mutants.hpp"

namespace bv::tools {

/// The deliberate bug of that name. Errors: `no_mutants` if this build has none in it, with how to make one that has;
/// `mutant_unknown` with the nearest name.
result<sim::mutant> find_mutant(std::string_view name);

/// Error `no_mutants` if this build has no deliberate bugs in it.
result<void> require_mutants();

}  // namespace bv::tools
