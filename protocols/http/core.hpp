#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "protocols/http/counters.hpp"
#include "protocols/http/handler.hpp"
#include "protocols/http/limits.hpp"
#include "protocols/schema/base/result.hpp"

namespace bv::http {

struct core_options {
  /// address:port, [address]:port for IPv6, unix:/path for a Unix socket; port 0 takes a free one
  std::string listen = "127.0.0.1:8080";
  unsigned threads = 1;                   ///< io threads, 1 to 64
  limits bounds;
};

/// The HTTP/1.1 server itself: sockets in, requests to a handler, answers out. Knows nothing of aggregates.
class core {
 public:
  /// Errors: `bad_listen_address`, `listen_failed`. `app` must outlive the server.
  static result<std::unique_ptr<core>> start(core_options options, handler& app);
  /// stop()
  ~core();

  std::uint16_t port() const;
  const counters& counts() const;
  const limits& bounds() const;

  /// Stops accepting, lets the requests under way finish (at most limits::drain_timeout), closes everything.
  /// Blocks until then; idempotent. Not from an io thread.
  void stop();

 private:
  struct parts;
  explicit core(std::unique_ptr<parts> p);
  std::unique_ptr<parts> parts_;
};

}  // namespace bv::http
