#pragma once

#include <memory>
#include <string>
#include <vector>

#include "protocols/cluster/certificate_facts.hpp"
#include "protocols/cluster/tls_session.hpp"
#include "protocols/schema/base/bytes.hpp"
#include "protocols/schema/base/result.hpp"

namespace boost::asio {
class io_context;
}

namespace bv::cluster {

/// Whether the other end has gone, or the way to it, rather than that somebody refused.
bool is_loss(const error& why);

/// Hears of a wire. Io thread.
class wire_listener {
 public:
  virtual ~wire_listener() = default;
  /// Bytes can be written now.
  virtual void on_ready() = 0;
  virtual void on_bytes(bytes_view came) = 0;
  /// The last write() has gone to the kernel.
  virtual void on_written() = 0;
  /// The other end has gone, or must. Once; nothing comes after it but for linger().
  virtual void on_broken(const error& why) = 0;
  virtual void on_lingered() = 0;
};

/// A TCP connection's bytes, in the clear or inside TLS. Io thread.
class wire {
 public:
  virtual ~wire() = default;

  /// Begins: shakes hands, then reads for ever.
  virtual void start() = 0;
  /// Writes all of them. They must stay until on_written(), and there is one write at a time.
  virtual void write(std::vector<bytes_view> parts) = 0;
  /// Who it is, if it is secured.
  [[nodiscard]] virtual const certificate_facts* peer() const = 0;
  /// Writes what TLS still has to say and `last_words` after it, as they are; sends no more, and reads until the other end has
  /// ended too. Closing at once would make the kernel send a reset, and the other end would not read why.
  virtual void linger(std::string last_words) = 0;
  /// Ends everything; no call comes after it.
  virtual void close() = 0;
};

/// Takes over a connected socket. `tls`: null for none. `user_timeout_ms`: how long the kernel tries to deliver. The wire keeps itself
/// until it is closed; `to` must outlive close().
std::shared_ptr<wire> make_wire(boost::asio::io_context& io, int socket, ssl_ctx_st* tls, side which, unsigned user_timeout_ms,
                                wire_listener& to);

}  // namespace bv::cluster
