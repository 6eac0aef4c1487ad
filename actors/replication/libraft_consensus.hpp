#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "actors/replication/consensus.hpp"

struct raft;
struct raft_barrier;
struct raft_buffer;
struct raft_change;
struct raft_entry;
struct raft_fsm;
struct raft_io;
struct raft_io_append;
struct raft_io_send;
struct raft_message;
struct raft_snapshot;
struct raft_transfer;

namespace bv::replication {

/// libraft 0.15 as the algorithm. What it does wrong and how it is kept from it is said in libraft_consensus.cpp.
class libraft_consensus final : public consensus {
 public:
  libraft_consensus(server_id self, const consensus_options& options, consensus_world& world);
  ~libraft_consensus() override;
  libraft_consensus(const libraft_consensus&) = delete;
  libraft_consensus& operator=(const libraft_consensus&) = delete;

  result<void> start(const start_point& from) override;
  void tick() override;
  void receive(server_id from, const body& what, std::span<const entry_label> entries) override;
  void on_link(server_id who, bool up, std::uint32_t place) override;
  void durable(std::uint64_t ticket) override;
  result<void> append() override;
  result<void> add(server_id who) override;
  result<void> assign(server_id who, server_role role) override;
  result<void> remove(server_id who) override;
  result<void> transfer(server_id to) override;
  std::optional<result<void>> take_change() override { return std::exchange(change_outcome_, std::nullopt); }
  void retain(std::uint32_t entries) override;
  [[nodiscard]] consensus_view view() const override;
  [[nodiscard]] configuration members() const override;
  [[nodiscard]] std::optional<follower_view> follower(server_id who) const override;
  [[nodiscard]] error why_failed() const override;

  /// For libraft's callback only.
  void on_changed(result<void> outcome) { change_outcome_ = std::move(outcome); }

 private:
  using number = unsigned long long;  // libraft's terms, ids and indexes

  /// A write that libraft waits for.
  struct pending_append {
    raft_io_append* request;
    void (*done)(raft_io_append*, int);
    std::uint64_t ticket;
    storage::log_index last;
    bool by_leader, has_configuration;
    bool durable = false;
  };

  void bind_io();
  void bind_fsm();
  int load(number* term, number* vote, raft_snapshot** snapshot, number* first, raft_entry** entries, std::size_t* count);
  int send(raft_io_send* request, const raft_message& what, void (*done)(raft_io_send*, int));
  int append(raft_io_append* request, const raft_entry* entries, unsigned count, void (*done)(raft_io_append*, int));
  int truncate(number from);

  /// Deals with all that a call into libraft left to do.
  void settle();
  void lead();
  void give_up_lost_leader();
  [[nodiscard]] bool doubts_leader() const;
  [[nodiscard]] bool complete_appends();
  [[nodiscard]] storage::log_index quorum_match() const;
  [[nodiscard]] bool barrier_stored() const;
  void set_members(const configuration& members);
  void hand_over(server_id from, const body& what, std::span<const entry_label> entries);
  void deliver(server_id from, const body& what, std::span<const entry_label> entries);
  void receive_entries(server_id from, append_request what, std::span<const entry_label> entries);
  result<void> change(std::string_view what, const std::function<int(raft_change*)>& ask);
  void roll_back_configuration(const append_request& what, std::span<const entry_label> entries);
  [[nodiscard]] bool configuration_unwritten() const;
  [[nodiscard]] storage::term_number term_at(std::uint64_t index) const;
  [[nodiscard]] std::uint64_t last_index() const;
  void fail(std::string why) { why_failed_ = std::move(why); }

  const server_id self_;
  const consensus_options options_;
  consensus_world& world_;
  const std::unique_ptr<raft> raft_;
  const std::unique_ptr<raft_io> io_;
  const std::unique_ptr<raft_fsm> fsm_;
  void (*tick_)(raft_io*) = nullptr;
  void (*receive_)(raft_io*, raft_message*) = nullptr;
  bool initialised_ = false;
  const start_point* start_ = nullptr;  ///< while it starts

  storage::hard_state hard_;
  std::uint64_t campaign_term_ = 0;  ///< in which this server voted for itself since it was started
  std::deque<std::function<void()>> deferred_;
  std::deque<pending_append> appends_;
  std::uint64_t next_ticket_ = 1;
  storage::log_index appended_;
  std::map<storage::log_index, configuration> configurations_;  ///< the newest committed one, and all after it
  std::map<server_id, std::string> addresses_;

  // As a leader.
  const std::unique_ptr<raft_barrier> barrier_request_;
  storage::log_index barrier_;
  std::uint64_t barrier_term_ = 0;
  std::map<server_id, append_answer> early_answers_;  ///< successes that came before the barrier was stored
  const std::unique_ptr<raft_change> change_;
  std::optional<result<void>> change_outcome_;
  const std::unique_ptr<raft_transfer> transfer_;

  // As a follower.
  std::uint64_t verified_term_ = 0;
  std::uint64_t verified_ = 0;  ///< up to here the log is that of verified_term_'s leader
  std::uint64_t offered_ = 0;   ///< where the append request ends that is being dealt with; 0 none
  std::string why_failed_;

  // Of a leader whose link is lost.
  std::map<server_id, std::uint64_t> lost_;  ///< whose links are, and the silence after which each is given up
  std::uint64_t last_leader_ = 0;            ///< libraft forgets it
  unsigned given_up_ = 0;                    ///< how often, since that leader was heard
};

}  // namespace bv::replication
