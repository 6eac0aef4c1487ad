#pragma once

#include <functional>
#include <optional>

#include "actors/runtime/request_forwarder.hpp"
#include "actors/runtime/shard_links.hpp"
#include "actors/runtime/shard_replica.hpp"

namespace bv::runtime {

/// What every shard of a node in a cluster is given alike.
struct cluster_place {
  node_id self;
  shard_links& links;
  const replication::group_options& group;
};

/// A shard's seat in a cluster: its replica, the requests that it sends to whoever leads, and the frames in between. All
/// members run on the shard's actor.
class shard_member final : private replication::transport {
 public:
  struct environment {
    storage::store& store;
    replication::group_host& host;
    const clock& time;
    const aggregate_types& types;
    shard_metrics& measured;
    shard_standing& standing;
    const limits& bounds;
    const note_handler& notes;
  };
  /// `seed`: of the numbers that requests bear, another one for each process.
  shard_member(storage::shard_id shard, std::uint64_t seed, const cluster_place& place, environment around);

  [[nodiscard]] shard_log& log() { return replica_; }
  [[nodiscard]] shard_replica& replica() { return replica_; }
  void attach(shard& served);

  /// A request of this node's gateway.
  void deliver(request_forwarder::request what);
  void on_frame(node_id from, frames::content what);
  void on_link(node_id peer, bool up);
  /// Every heartbeat.
  void tick();
  /// Lets another lead, sees what is under way to its end, and calls `stopped`.
  void stop(std::function<void()> stopped);

 private:
  /// What is not done in this time after stop() is left undone.
  static constexpr std::uint64_t stop_ms_max = 3000;

  void send(replication::message what) override;
  void serve(request_forwarder::request what);
  void on_content(node_id from, replication::body what);
  void on_content(node_id from, frames::ask what);
  void on_content(node_id from, frames::look what);
  void on_content(node_id from, frames::answer what);
  void on_content(node_id from, frames::cursor what);
  void on_content(node_id, frames::snapshot what) { replica_.receive(std::move(what)); }
  void on_content(node_id from, const frames::leaving&) { replica_.on_leaving(from); }
  // Of the founding: for the node, not for its shards.
  void on_content(node_id, const charter&) {}
  void on_content(node_id, const frames::ask_charter&) {}
  /// Why a request of another node is not for this shard, here and now.
  result<void> admit(const entity_key& who);
  void answer(node_id to, std::uint64_t number, frames::outcome outcome);
  void tell_leader();
  void tell_leaving();
  void go_on_stopping();

  const storage::shard_id shard_;
  const cluster_place place_;
  const environment around_;
  shard_replica replica_;
  request_forwarder elsewhere_;
  shard* served_ = nullptr;
  std::function<void()> stopped_;
  bool stopping_ = false;
  std::uint64_t stop_until_ms_ = 0;
};

}  // namespace bv::runtime
