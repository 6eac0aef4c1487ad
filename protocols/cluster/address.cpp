#include "protocols/cluster/address.hpp"

#include <charconv>

namespace bv::cluster {

result<host_port> parse_address(std::string_view text) {
  const auto colon = text.rfind(':');
  auto host = text.substr(0, colon);
  const auto digits = colon == text.npos ? std::string_view() : text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  const bool number = !digits.empty() && read.ec == std::errc() && read.ptr == digits.data() + digits.size();
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (!number || host.empty() || host.find_first_of("[]") != host.npos || (host.find(':') != host.npos) != bracketed)
    return failure(error_kind::invalid, "bad_address",
                   "'" + std::string(text) + "' is not of the form HOST:PORT, as 127.0.0.1:9100, [::1]:9100 or node-a:9100", std::string(text));
  return host_port{std::string(host), port};
}

}  // namespace bv::cluster
