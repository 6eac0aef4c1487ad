#include "sim/world/newcomer.hpp"

#include <utility>

#include "protocols/schema/base/assert.hpp"

namespace bv::sim {

newcomer::newcomer(runtime::node_hello self, const runtime::founding::wishes& config, std::vector<std::string> seeds,
                   surroundings around, std::function<void(runtime::found_cluster)> let_in)
    : time_(around.time),
      links_(self.name, around.life, around.time, around.net, around.board),
      asks_(self, links_, config, [](const runtime::note&) {}),
      let_in_(std::move(let_in)) {
  const auto listening = links_.start(self, asks_);
  BV_ASSERT(listening, "a world's network can be listened to");
  links_.connect(std::move(seeds));
  look_later();
}

void newcomer::look_later() {
  time_.after(between_looks, [this, alive = std::weak_ptr(alive_)] {
    if (alive.expired()) return;
    asks_.tick();
    const auto found = asks_.outcome();
    if (!found) return look_later();
    BV_ASSERT(*found, "the cluster is another one than the plan's");
    const auto let_in = let_in_;
    let_in(**found);
  });
}

}  // namespace bv::sim
