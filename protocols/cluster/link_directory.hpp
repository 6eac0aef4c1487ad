#pragma once

#include <functional>
#include <map>
#include <memory>
#include <shared_mutex>

#include "actors/runtime/interconnect.hpp"
#include "protocols/cluster/outbox.hpp"

namespace bv::cluster {

/// Which nodes frames can be sent to. Threads: any.
class link_directory {
 public:
  /// `wake`: tells the link that its box has something; called from any thread.
  void add(runtime::node_id node, std::shared_ptr<outbox> box, std::function<void()> wake);
  void remove(runtime::node_id node);
  /// Nothing can be sent to anybody any more.
  void clear();
  [[nodiscard]] bool has(runtime::node_id node) const;
  /// False: no link, or no room.
  bool send(runtime::node_id to, bytes frame) const;

 private:
  struct way {
    std::shared_ptr<outbox> box;
    std::function<void()> wake;
  };
  mutable std::shared_mutex guard_;
  std::map<runtime::node_id, way> ways_;
};

}  // namespace bv::cluster
