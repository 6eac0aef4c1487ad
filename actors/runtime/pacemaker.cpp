#include "actors/runtime/pacemaker.hpp"

#include <caf/send.hpp>
#include <utility>

namespace bv::runtime {

pacemaker::pacemaker(caf::actor_config& config, std::vector<caf::actor> shards, shard_links& links, duration heartbeat)
    : mailed_actor(config), shards_(std::move(shards)), links_(links), heartbeat_(heartbeat) {}

caf::behavior pacemaker::make_behavior() {
  return {[this](const next_beat&) {
    // A shard that is still busy with the last beat holds up what the others have said for one heartbeat, no longer.
    links_.flush();
    const auto now = links_.begin_beat();
    for (const auto& shard : shards_) caf::anon_send(shard, group_tick{now});
    caf::delayed_anon_send(caf::actor_cast<caf::actor>(this), heartbeat_, next_beat{});
  }};
}

}  // namespace bv::runtime
