#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/runtime/founding.hpp"
#include "sim/world/sim_links.hpp"

namespace bv::sim {

/// A node that belongs to no cluster yet: asks those that do to let it in, again and again. One thread.
class newcomer {
 public:
  struct surroundings {
    std::uint64_t life;  ///< of the process
    event_heap& time;
    network& net;
    switchboard& board;
  };
  /// Calls `let_in` once, from the world's time, with the cluster that it belongs to from then on; `let_in` may destroy it.
  newcomer(runtime::node_hello self, const runtime::founding::wishes& config, std::vector<std::string> seeds, surroundings around,
           std::function<void(runtime::found_cluster)> let_in);
  ~newcomer() { links_.stop(); }

 private:
  static constexpr duration between_looks = std::chrono::milliseconds{500};
  void look_later();

  event_heap& time_;
  sim_links links_;
  runtime::founding asks_;
  const std::function<void(runtime::found_cluster)> let_in_;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace bv::sim
