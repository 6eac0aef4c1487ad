#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "protocols/schema/base/result.hpp"

namespace bv::cluster {

/// `HOST:PORT`; an IPv6 address stands in brackets, as `[::1]:9100`.
struct host_port {
  std::string host;
  std::uint16_t port = 0;
};
/// Errors: `bad_address`.
result<host_port> parse_address(std::string_view text);

}  // namespace bv::cluster
