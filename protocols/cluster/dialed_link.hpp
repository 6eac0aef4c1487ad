#pragma once

#include <memory>
#include <string>

#include "protocols/cluster/link_world.hpp"
#include "protocols/cluster/status.hpp"

namespace bv::cluster {

/// The way to whatever node listens at one address: dialed for ever, and the link that carries frames there while there is one.
/// Io thread.
///
///              hello is good, begin               the node is known by another address
///   dialing --------------------------> up      dialing ------------------------------> spare
///    ^   | fails, is refused             |         ^   parts with that node, spare_retry  |
///    |   v                               | ends    +--------------------------------------+
///   waiting <----------------------------+       dialing ---> own: for good
///      backoff_min … backoff_max, drawn
class dialed_link {
 public:
  virtual ~dialed_link() = default;

  /// Whether it goes on being dialed; a link that is up stays until it ends.
  virtual void list(bool wanted) = 0;
  virtual void tick(instant now) = 0;
  /// Ends the link if it is with that node.
  virtual void disconnect(runtime::node_id node) = 0;
  /// Parted with a node: dials if it waited for that.
  virtual void parted(runtime::node_id node) = 0;
  /// Ends the link once what is queued has gone, and makes it anew.
  virtual void remake() = 0;
  /// Ends all; nobody is told.
  virtual void stop() = 0;
  /// It is not wanted, and there is nothing left of it.
  [[nodiscard]] virtual bool over() const = 0;
  [[nodiscard]] virtual const dialed_status& status() const = 0;
};

/// Begins to dial.
std::shared_ptr<dialed_link> dial(link_world& world, std::string address);

}  // namespace bv::cluster
