#pragma once

#include <cstdint>
#include <memory>

#include "protocols/cluster/link_world.hpp"

namespace bv::cluster {

/// Listens, lets in as many as the bounds allow, and keeps what came in. Io thread, but for listen() and port().
class doorman {
 public:
  /// Connections wait in the kernel until open(). `io` must outlive it. Errors: `bad_address`, `listen_failed`.
  static result<std::unique_ptr<doorman>> listen(boost::asio::io_context& io, const std::string& where);
  virtual ~doorman() = default;

  [[nodiscard]] virtual std::uint16_t port() const = 0;
  /// Lets in from now on. `world` must outlive close().
  virtual void open(link_world& world) = 0;
  virtual void tick(instant now) = 0;
  /// Ends the links that bring that node's frames.
  virtual void disconnect(runtime::node_id node) = 0;
  virtual void close() = 0;
};

}  // namespace bv::cluster
