#pragma once

#include <memory>
#include <vector>

#include "protocols/cluster/dialed_link.hpp"
#include "protocols/cluster/link_world.hpp"

namespace bv::cluster {

/// Sees to it that a node's certificate is the one in its files: takes new ones up, has the dialed links made anew with them, one at
/// a time, and warns before the present one ends. Io thread.
class certificate_watch {
 public:
  static constexpr auto warned_before = std::chrono::hours(24 * 14), warned_every = std::chrono::hours(24);
  /// Handshakes look at the files too, but no oftener.
  static constexpr milliseconds looked_at_every{1000};

  explicit certificate_watch(link_world& world) : world_(world) {}

  void before_handshake(instant now) { look(now, looked_at_every); }
  void tick(instant now, const std::vector<std::shared_ptr<dialed_link>>& dialed);

 private:
  void look(instant now, milliseconds at_least);
  void warn(instant now);

  link_world& world_;
  std::vector<std::weak_ptr<dialed_link>> to_remake_;
  bool renewed_ = false;
  instant warned_{}, remade_{};
};

}  // namespace bv::cluster
