#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "actors/replication/types.hpp"
#include "protocols/schema/base/bytes.hpp"
#include "protocols/schema/base/result.hpp"

namespace bv::runtime {

/// A node of a cluster to others: the life of one data folder. A folder that was lost and made anew is another node, so
/// nobody is mistaken for whoever had the name and the address before.
using node_id = replication::server_id;

/// What a node says of itself when a link is made.
struct node_hello {
  node_id node;
  std::uint64_t cluster = 0;  ///< 0: belongs to none yet
  std::string name;           ///< `[node] id`; its certificate is for this name
  std::string address;        ///< `HOST:PORT` where it listens for the others
  std::uint32_t feature_level = 1;  ///< what it understands: grows with the versions
  std::uint64_t members_version = 0;  ///< how much of the cluster's membership it knows; see roster
  bool has_log = false;             ///< its logs are not empty; means something while it belongs to no cluster
  friend bool operator==(const node_hello&, const node_hello&) = default;
};

/// Hears what comes from the other nodes. Threads: any; what comes over one link comes in order, one call at a time.
/// Must not block.
class interconnect_listener {
 public:
  virtual ~interconnect_listener() = default;
  /// Whether this node speaks with that one, whose name is proven by now. What is said is logged at both ends.
  virtual result<void> admit(const node_hello& other) = 0;
  /// Frames can be sent to it from now on.
  virtual void on_link_up(const node_hello& to) = 0;
  /// No more; frames under way may be lost.
  virtual void on_link_down(node_id to) = 0;
  virtual void on_frame(node_id from, bytes frame) = 0;
};

/// The network seam of a node: frames to the other nodes of its cluster. A frame comes once, whole, and after those that
/// were sent before it over the same link; or it is lost. Threads: any.
class interconnect {
 public:
  static constexpr std::size_t frame_bytes_max = std::size_t{32} << 20;

  virtual ~interconnect() = default;
  /// Begins to take part; `to` must outlive stop().
  virtual result<void> start(const node_hello& self, interconnect_listener& to) = 0;
  /// What it says of itself from now on, when a link is made.
  virtual void announce(const node_hello& self) = 0;
  /// Where others listen: links to all of them are made, and made again when they end. Its own address may be among them.
  virtual void connect(std::vector<std::string> addresses) = 0;
  /// Ends the links with `other`, in both directions; whoever is not admitted stays away.
  virtual void disconnect(node_id other) = 0;
  /// Queues a frame. Never blocks. False if it is dropped: there is no link, or too much is queued for it.
  virtual bool send(node_id to, bytes frame) = 0;
  /// No call comes once it has returned.
  virtual void stop() = 0;
};

}  // namespace bv::runtime
