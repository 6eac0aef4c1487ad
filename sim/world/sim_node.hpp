#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "actors/runtime/node.hpp"
#include "sagas/engine/application.hpp"
#include "sim/observe/observation.hpp"
#include "sim/world/actor_turns.hpp"
#include "sim/world/newcomer.hpp"
#include "sim/world/node_disk.hpp"
#include "sim/world/processor_endpoint.hpp"
#include "sim/world/replica_book.hpp"
#include "sim/world/sim_links.hpp"
#include "sim/world/virtual_time.hpp"

namespace bv::sim {

/// A node of production on virtual time: its disk and its clock stay, its process comes and goes. One thread.
class sim_node {
 public:
  struct surroundings {
    const plan& what;
    event_heap& time;
    trace& log;
    processor_endpoint& processor;
    std::function<void(observed_record)> committed;          ///< each record once, in the order of its shard's log
    std::function<void(std::uint16_t node, std::uint64_t number)> write_begun;
    std::string folder;                                      ///< tier rocks
    network* net = nullptr;                                  ///< these three only in a cluster
    switchboard* board = nullptr;
    replica_book* replicas = nullptr;
  };
  sim_node(std::uint16_t number, surroundings around);
  ~sim_node();

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::uint16_t number() const { return number_; }
  [[nodiscard]] runtime::node_id id() const { return runtime::node_id{number_ + std::uint64_t{1}}; }
  /// In a cluster: whether it takes itself for the shard's leader.
  [[nodiscard]] bool leads(storage::shard_id shard) const;
  /// Starts a process on what the disk holds. Error: the store does not open.
  result<void> start();
  /// The process dies this moment; `what` becomes of the write that is under way.
  void crash(unsynced what);
  /// The process ends as it does in production at SIGTERM. Calls `stopped` when it has, unless it crashes first.
  void stop(std::function<void()> stopped);
  /// Between stop() and close().
  [[nodiscard]] bool stopping() const { return stopping_; }
  /// Requests of before stop() that nobody has answered.
  [[nodiscard]] std::vector<std::string> left_unanswered() const;
  /// After stop(): closes the store.
  result<void> close();

  [[nodiscard]] bool up() const { return process_ != nullptr; }
  /// In a cluster: it knows that it is one of its nodes, or was. Else it waits to be let in: it is not up, and asks.
  [[nodiscard]] bool seated() const { return seat_.has_value(); }
  /// In a cluster: who belongs to it, as the process that runs now knows; null if none does.
  [[nodiscard]] runtime::roster::view_ptr members() const;
  /// Whether it answers: up, recovered, its journal sound.
  [[nodiscard]] bool serving() const;
  /// Its actors get no turns until then.
  void pause_until(timestamp until) { paused_until_ = until; }

  /// Counts its processes.
  [[nodiscard]] std::uint64_t life() const { return starts_; }
  /// As the gateway's, of the process that runs now. If it dies nobody is answered.
  void ask(runtime::command_request request, runtime::receipt_handler answer);
  void view(runtime::view_request request, runtime::view_handler answer);
  /// Requests that the running process has not answered for so long.
  [[nodiscard]] std::vector<std::string> unanswered_for(duration at_least) const;

  // Turns, for the world.
  [[nodiscard]] bool idle() const;
  std::optional<std::uint64_t> run_one() { return turns_->run_one(); }
  [[nodiscard]] std::optional<timestamp> next_due() const;
  void pass_to(timestamp now);

  [[nodiscard]] node_load load() const;
  /// Nothing is under way: no request, no write, every follower has seen the whole log.
  [[nodiscard]] bool at_rest() const;
  /// Begins to compute every read model anew.
  void rebuild_read_models();
  /// Whether one is being computed anew.
  [[nodiscard]] bool rebuilding() const;
  /// Rows of its read models, by their names.
  [[nodiscard]] result<std::map<std::string, read_model_rows>> read_models() const;
  [[nodiscard]] runtime::node& actors();
  [[nodiscard]] node_disk& disk() { return disk_; }
  [[nodiscard]] node_clock& clock() { return clock_; }
  /// In a cluster: how far each shard's log has taken effect here, if it is all that is committed.
  [[nodiscard]] std::optional<std::vector<storage::log_index>> level() const;
  /// Every committed record of the disk, in the order of each shard's log.
  result<std::vector<observed_record>> read_disk();

 private:
  struct process;
  result<void> wait_to_be_let_in();
  void note(const runtime::note& said);
  /// For the process that is being started: once it is dead it says nothing.
  runtime::note_handler notes_of_process();
  void see_batch(storage::shard_id shard, storage::log_index index, bytes_view data);
  /// In a cluster: this node sends that.
  void see_frame(runtime::node_id to, bytes_view data);
  void see_said(runtime::node_id to, storage::shard_id shard, const replication::body& what);
  /// In a cluster: this node knows that the shard is committed so far.
  void see_committed(storage::shard_id shard, storage::log_index through);
  [[nodiscard]] std::optional<runtime::cluster_options> place_in_cluster() const;
  result<void> see_unseen();
  result<std::vector<observed_record>> decode(storage::shard_id shard, storage::log_index index, bytes_view data) const;

  const std::uint16_t number_;
  const std::string name_;
  const surroundings around_;
  node_clock clock_;
  node_disk disk_;
  std::uint64_t starts_ = 0;
  bool stopping_ = false;
  timestamp paused_until_, stop_began_;
  std::map<std::uint16_t, storage::log_index> seen_;  ///< by shard: records up to there were handed on
  std::unique_ptr<actor_turns> turns_;
  timestamp turns_since_;
  std::unique_ptr<process> process_;
  std::unique_ptr<newcomer> newcomer_;
  std::optional<runtime::found_cluster> seat_;  ///< kept beside the disk
  std::int64_t live_max_ = 0, in_flight_max_ = 0;
};

}  // namespace bv::sim
