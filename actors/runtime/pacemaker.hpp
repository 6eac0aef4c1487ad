#pragma once

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <vector>

#include "actors/runtime/mailed_actor.hpp"
#include "actors/runtime/shard_links.hpp"
#include "protocols/schema/base/time.hpp"

namespace bv::runtime {

// Its mail: the first one starts it, and it sends itself the others.
struct next_beat {};

/// Mail to a shard's actor: a heartbeat has passed.
struct group_tick {
  beat_holder beat;
};

/// The one timer of a node's replicas. Ticks all shards together, so that what they have to say to another node at that
/// moment goes there together.
class pacemaker final : public mailed_actor {
 public:
  pacemaker(caf::actor_config& config, std::vector<caf::actor> shards, shard_links& links, duration heartbeat);
  caf::behavior make_behavior() override;

 private:
  const std::vector<caf::actor> shards_;
  shard_links& links_;
  const duration heartbeat_;
};

}  // namespace bv::runtime

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(bv::runtime::next_beat)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(bv::runtime::group_tick)
