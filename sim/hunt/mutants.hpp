#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "protocols/schema/base/mutation.hpp"

namespace bv::sim {

/// A deliberate bug, and where to look for it.
struct mutant {
  mutation which = mutation::none;
  std::string_view name;       ///< "acknowledge-before-fsync"; stays the same for ever
  std::string_view what;       ///< the bug, in a sentence
  std::string_view invariant;  ///< the one that it is expected to break; another will do
  std::vector<std::string_view> scenarios;  ///< of those that are shipped, the likeliest to show it first
  bool needs_files = false;    ///< only the tier on real files has the code that it is in
};

/// All of them, in the order of the enumeration.
std::vector<mutant> all_mutants();

/// Nothing if none is called so.
std::optional<mutation> mutation_called(std::string_view name);

}  // namespace bv::sim
