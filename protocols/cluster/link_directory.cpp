#include "protocols/cluster/link_directory.hpp"

#include <mutex>
#include <utility>

namespace bv::cluster {

void link_directory::add(runtime::node_id node, std::shared_ptr<outbox> box, std::function<void()> wake) {
  const std::lock_guard lock(guard_);
  ways_[node] = {std::move(box), std::move(wake)};
}

void link_directory::remove(runtime::node_id node) {
  const std::lock_guard lock(guard_);
  const auto found = ways_.find(node);
  if (found == ways_.end()) return;
  found->second.box->close();
  ways_.erase(found);
}

void link_directory::clear() {
  const std::lock_guard lock(guard_);
  ways_.clear();
}

bool link_directory::has(runtime::node_id node) const {
  const std::shared_lock lock(guard_);
  return ways_.contains(node);
}

bool link_directory::send(runtime::node_id to, bytes frame) const {
  if (frame.size() > runtime::interconnect::frame_bytes_max) return false;
  const std::shared_lock lock(guard_);
  const auto found = ways_.find(to);
  if (found == ways_.end()) return false;
  const auto put = found->second.box->put(std::move(frame));
  if (put == outbox::answer::wake) found->second.wake();
  return put != outbox::answer::refused;
}

}  // namespace bv::cluster
