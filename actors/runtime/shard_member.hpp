#pragma once

#include <functional>
#include <optional>

#include "actors/runtime/level_watch.hpp"
#include "actors/runtime/request_forwarder.hpp"
#include "actors/runtime/shard_links.hpp"
#include "actors/runtime/seat_keeper.hpp"
#include "actors/runtime/shard_replica.hpp"

namespace bv::runtime {

/// What every shard of a node in a cluster is given alike.
struct cluster_place {
  node_id self;
  shard_links& links;
  const replication::group_options& group;
  transfer_permits& permits;
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
    gateway& entities;
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
  /// `in_beat`: what its replica answers may wait for the end of the links' beat.
  void on_frame(node_id from, frames::content what, bool in_beat = false);
  void on_link(node_id peer, bool up);
  /// The cluster's members, or where the shards are to be, have changed.
  void on_members(const roster::view& now);
  /// Every heartbeat; `in_beat` as above.
  void tick(bool in_beat = false);
  /// Calls back once this node has all of the shard that was committed anywhere when this was called. Errors as level_watch's,
  /// after `at_most_ms`.
  void level(std::uint64_t at_most_ms, level_handler done);
  /// Lets another lead, sees what is under way to its end, and calls `stopped`.
  void stop(std::function<void()> stopped);

 private:
  /// What is not done in this time after stop() is left undone.
  static constexpr std::uint64_t stop_ms_max = 3000;
  /// A newcomer that is not level by then asks anew how far it has to come.
  static constexpr std::uint64_t newcomer_ms_max = 60'000;

  void send(replication::message what) override;
  void serve(request_forwarder::request what);
  void on_content(node_id from, replication::body what);
  void on_content(node_id from, frames::ask what);
  void on_content(node_id from, frames::look what);
  void on_content(node_id from, frames::answer what);
  void on_content(node_id from, frames::cursor what);
  void on_content(node_id, frames::snapshot what) { replica_.receive(std::move(what)); }
  void on_content(node_id from, frames::ask_end what);
  void on_content(node_id, frames::end what) { level_.on_end(what.number, storage::log_index{what.committed}); }
  void on_content(node_id from, const frames::leaving&) { replica_.on_leaving(from); }
  // Of the founding: for the node, not for its shards.
  void on_content(node_id, const frames::welcome&) {}
  void on_content(node_id, const frames::ask_charter&) {}
  // The links take it apart.
  void on_content(node_id, const frames::beat&) {}
  /// Why a request of another node is not for this shard, here and now.
  result<void> admit(const entity_key& who);
  void answer(node_id to, std::uint64_t number, frames::outcome outcome);
  void tell_leader();
  void settle(std::uint32_t revision);
  void ask_for_end(std::uint64_t number);
  void help_newcomer();
  void tell_leaving();
  void go_on_stopping();

  const storage::shard_id shard_;
  const cluster_place place_;
  const environment around_;
  shard_replica replica_;
  seat_keeper seats_;
  request_forwarder elsewhere_;
  level_watch level_;
  shard* served_ = nullptr;
  std::function<void()> stopped_;
  bool stopping_ = false, in_beat_ = false, asked_for_newcomer_ = false;
  std::uint64_t stop_until_ms_ = 0;
};

}  // namespace bv::runtime
