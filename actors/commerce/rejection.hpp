#pragma once

#include <string>
#include <utility>

#include "protocols/schema/base/result.hpp"

namespace bv::commerce {

/// The state forbids it. The codes are documented at the commands of the contracts.
inline tl::unexpected<error> rejected(std::string code, std::string message, std::string context = {}) {
  return failure(error_kind::conflict, std::move(code), std::move(message), std::move(context));
}

/// What the command is about is not there.
inline tl::unexpected<error> unknown(std::string code, std::string message, std::string context = {}) {
  return failure(error_kind::not_found, std::move(code), std::move(message), std::move(context));
}

/// The command itself can't be right, in any state.
inline tl::unexpected<error> malformed(std::string code, std::string message, std::string context = {}) {
  return failure(error_kind::invalid, std::move(code), std::move(message), std::move(context));
}

}  // namespace bv::commerce
