#pragma once

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "actors/runtime/beat.hpp"
#include "actors/runtime/features.hpp"
#include "actors/runtime/interconnect.hpp"
#include "actors/runtime/note.hpp"
#include "actors/runtime/roster.hpp"
#include "protocols/schema/cluster/frames.hpp"

namespace bv::runtime {

// Mail from the links to a shard's actor.

struct peer_frame {
  node_id from;
  frames::content content;
  beat_holder beat;  ///< null if it came alone: the answer needn't wait for others
};
struct peer_link {
  node_id peer;
  bool up = false;
};

/// What the shards of different nodes say to each other: frames of the interconnect become mail of the shards' actors. Speaks
/// with the roster's nodes, with those that wait to be let in, and with strangers of this cluster that know more of its members than
/// this node does: they may have joined while it was away. Threads: any.
class shard_links final : public interconnect_listener {
 public:
  /// `all` must outlive it.
  shard_links(node_hello self, roster& all, interconnect& net, const note_handler& notes);
  ~shard_links() override { close(); }

  /// Shards in the order of their numbers; before start().
  void connect(std::vector<caf::actor> shards) { shards_ = std::move(shards); }
  /// Begins to speak with the others: the members, and, as long as the log has not said who they are, with `seeds`.
  result<void> start(std::vector<std::string> seeds);
  /// To the same shard's actor on `to`. False if it is certain that it never comes.
  bool send(node_id to, storage::shard_id shard, frames::content what);
  /// As send(), of replicas: it leaves with what other shards say in this beat.
  void send_in_beat(node_id to, storage::shard_id shard, replication::body what) { collector_->add(to, shard, std::move(what)); }
  [[nodiscard]] beat_holder begin_beat() const { return std::make_shared<const beat>(collector_); }
  /// What is gathered leaves now.
  void flush() { collector_->flush(); }
  /// Nothing that is gathered leaves any more.
  void close() { collector_->close(); }
  [[nodiscard]] bool reaches(node_id who) const;
  /// False if it is known that the node's version does not understand that.
  [[nodiscard]] bool understands(node_id who, feature what) const;
  /// What the nodes that are reached say of themselves.
  [[nodiscard]] std::vector<node_hello> reached() const;
  /// As this node introduces itself now.
  [[nodiscard]] node_hello self() const;
  /// What may be said in this cluster.
  [[nodiscard]] feature_gate& features() { return features_; }

  result<void> admit(const node_hello& other) override;
  void on_link_up(const node_hello& to) override;
  void on_link_down(node_id to) override;
  void on_frame(node_id from, bytes frame) override;

 private:
  /// Nodes that are no members, as far as is known here: the oldest is forgotten.
  static constexpr std::size_t strangers_max = 32;

  void on_members(const roster::view_ptr& now);
  void dial_too(const node_hello& stranger);
  /// Whether what it says reaches the shards.
  [[nodiscard]] bool speaks_with(node_id who) const;
  /// Without the lock.
  void dial_all(const members::state& cluster);
  void welcome(node_id who);
  void tell_all(const peer_link& news);
  void on_beat(node_id from, frames::beat what);
  void note_unreadable(node_id from, const std::string& why);

  roster& roster_;
  feature_gate features_;
  interconnect& net_;
  const note_handler& notes_;
  const std::shared_ptr<beat_collector> collector_;  ///< beats may outlive this
  std::vector<caf::actor> shards_;
  mutable std::mutex mutex_;
  node_hello self_;
  std::map<node_id, node_hello> reached_;
  std::vector<std::string> seeds_;      ///< until the roster is the log's
  std::vector<node_hello> strangers_;   ///< oldest first
};

}  // namespace bv::runtime

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(bv::runtime::peer_frame)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(bv::runtime::peer_link)
