#pragma once

#include <cerrno>
#include <cstring>
#include <string>

#include "protocols/schema/base/result.hpp"

namespace bv::chaos {

/// What could not be done with a network, and why in the words of the kernel, by errno.
inline tl::unexpected<error> network_failed(const std::string& what) {
  return failure(error_kind::internal, "network_failed", what + ": " + std::strerror(errno));
}

}  // namespace bv::chaos
