#pragma once

#include <chrono>
#include <string>

#include "protocols/schema/base/result.hpp"

namespace bv::http_client {

/// Where a server listens.
struct address {
  std::string host, port;
};
/// "http://HOST:PORT", "HOST:PORT" or "http://HOST" (port 80). Error `bad_address`: says what is wrong.
result<address> parse_address(const std::string& text);

struct answer {
  unsigned status = 0;
  std::string etag, body;
};

struct options {
  std::chrono::milliseconds within{30'000};         ///< of one request, from connecting to the last byte
  std::size_t body_size_bytes_max = 256u << 20;
};

/// One GET on a connection of its own; blocks. `target` is a path with its query, already escaped. Errors, all of kind
/// unavailable or timeout: `connect_failed` (nobody listens, no such host), `no_answer` (broken off, or no HTTP), `timeout`.
result<answer> get(const address& from, const std::string& target, const options& how = {});

}  // namespace bv::http_client
