#pragma once

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "actors/runtime/features.hpp"
#include "actors/runtime/founding.hpp"
#include "actors/runtime/interconnect.hpp"
#include "actors/runtime/note.hpp"
#include "protocols/schema/cluster/frames.hpp"

namespace bv::runtime {

// Mail from the links to a shard's actor.

struct peer_frame {
  node_id from;
  frames::content content;
};
struct peer_link {
  node_id peer;
  bool up = false;
};

/// What the shards of different nodes say to each other: frames of the interconnect become mail of the shards' actors.
/// Threads: any.
class shard_links final : public interconnect_listener {
 public:
  shard_links(node_hello self, charter founded, interconnect& net, const note_handler& notes)
      : self_(std::move(self)), founded_(std::move(founded)), features_(self_.feature_level), net_(net), notes_(notes) {}

  /// Shards in the order of their numbers; before anything arrives.
  void connect(std::vector<caf::actor> shards) { shards_ = std::move(shards); }
  /// To the same shard's actor on `to`. False if it is certain that it never comes.
  bool send(node_id to, storage::shard_id shard, frames::content what);
  [[nodiscard]] bool reaches(node_id who) const;
  /// What may be said in this cluster.
  [[nodiscard]] feature_gate& features() { return features_; }

  result<void> admit(const node_hello& other) override;
  void on_link_up(const node_hello& to) override;
  void on_link_down(node_id to) override;
  void on_frame(node_id from, bytes frame) override;

 private:
  void tell_all(const peer_link& news);

  const node_hello self_;
  const charter founded_;
  feature_gate features_;
  interconnect& net_;
  const note_handler& notes_;
  std::vector<caf::actor> shards_;
  mutable std::mutex mutex_;
  std::set<node_id> reached_;
};

}  // namespace bv::runtime

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(bv::runtime::peer_frame)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(bv::runtime::peer_link)
