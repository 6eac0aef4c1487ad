#pragma once

#include <string>
#include <utility>

#include "protocols/schema/base/result.hpp"

namespace bv::tools {

/// What an operation of operators says to arguments that it does not take; `where`: the key.
inline tl::unexpected<error> bad_arguments(std::string what, std::string where) {
  return failure(error_kind::invalid, "bad_arguments", std::move(what), std::move(where));
}

}  // namespace bv::tools
