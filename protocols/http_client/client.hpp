#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "protocols/schema/base/result.hpp"

namespace bv::http_client {

/// Where a server listens: on TCP, or if `socket` is not empty on the Unix socket with that path.
struct address {
  std::string host, port;
  std::string socket = {};
};
/// "http://HOST:PORT", "HOST:PORT" or "http://HOST" (port 80). Error `bad_address`: says what is wrong.
result<address> parse_address(const std::string& text);

struct answer {
  unsigned status = 0;
  std::string etag, body;

  /// The entity's version, which its tag names; none if there is no such tag.
  [[nodiscard]] std::optional<std::uint64_t> version() const;
};

struct options {
  std::chrono::milliseconds within{30'000};         ///< of one request, from connecting to the last byte
  std::size_t body_size_bytes_max = 256u << 20;
};

/// One GET on a connection of its own; blocks. `target` is a path with its query, already escaped. Errors, all of kind
/// unavailable or timeout: `connect_failed` (nobody listens, no such host), `no_answer` (broken off, or no HTTP), `timeout`.
result<answer> get(const address& from, const std::string& target, const options& how = {});

/// One POST of JSON whose answer may take long: `on_line` sees each line of a 200 as it comes, without its end, and the answer's
/// body is empty. Here `within` is the longest silence. Otherwise as get().
result<answer> post_for_lines(const address& to, const std::string& target, const std::string& json,
                              const std::function<void(std::string_view)>& on_line, const options& how = {});

}  // namespace bv::http_client
