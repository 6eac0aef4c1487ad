#pragma once

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "actors/runtime/beat.hpp"
#include "actors/runtime/founding.hpp"
#include "actors/runtime/interconnect.hpp"
#include "actors/runtime/note.hpp"
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

/// What the shards of different nodes say to each other: frames of the interconnect become mail of the shards' actors.
/// Threads: any.
class shard_links final : public interconnect_listener {
 public:
  shard_links(node_hello self, charter founded, interconnect& net, const note_handler& notes)
      : self_(std::move(self)),
        founded_(std::move(founded)),
        net_(net),
        notes_(notes),
        collector_(std::make_shared<beat_collector>(net)) {}
  ~shard_links() override { close(); }

  /// Shards in the order of their numbers; before anything arrives.
  void connect(std::vector<caf::actor> shards) { shards_ = std::move(shards); }
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

  result<void> admit(const node_hello& other) override;
  void on_link_up(const node_hello& to) override;
  void on_link_down(node_id to) override;
  void on_frame(node_id from, bytes frame) override;

 private:
  void tell_all(const peer_link& news);
  void on_beat(node_id from, frames::beat what);
  void note_unreadable(node_id from, const std::string& why);

  const node_hello self_;
  const charter founded_;
  interconnect& net_;
  const note_handler& notes_;
  const std::shared_ptr<beat_collector> collector_;  ///< beats may outlive this
  std::vector<caf::actor> shards_;
  mutable std::mutex mutex_;
  std::set<node_id> reached_;
};

}  // namespace bv::runtime

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(bv::runtime::peer_frame)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(bv::runtime::peer_link)
