#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "actors/replication/consensus.hpp"
#include "actors/replication/entry_cache.hpp"
#include "actors/replication/log_feed.hpp"
#include "actors/replication/log_start.hpp"
#include "actors/replication/log_writer.hpp"
#include "actors/replication/options.hpp"
#include "actors/replication/read_rounds.hpp"
#include "actors/replication/seams.hpp"
#include "storage/journal.hpp"

namespace bv::replication {

struct feed_status {
  server_id follower;
  storage::log_index match, target;  ///< durable there, to be durable there
};

struct group_status {
  consensus_view raft;
  configuration members;
  std::vector<feed_status> feeds;
};

/// Called once, on the owner's thread, possibly before the call returns.
using change_handler = std::function<void(result<void>)>;

/// One shard's replica: keeps the shard's journal the same as a majority's, with whoever of the servers leads.
///
/// All members run on the owner's thread; nothing blocks but a vote, a new term and the cutting of a conflict, which are
/// durable before anything that depends on them leaves. Its owner listens to the journal for its shard, and says here what
/// it hears.
class raft_group final : private consensus_world {
 public:
  struct environment {
    storage::journal& log;
    transport& peers;
    group_host& host;
    group_listener& listener;
  };
  raft_group(storage::shard_id shard, server_id self, environment around, const group_options& options);
  ~raft_group() override;
  raft_group(const raft_group&) = delete;
  raft_group& operator=(const raft_group&) = delete;

  /// Reads where the log stands and begins to take part. `founders` begin a group: of an empty log all of them give the
  /// same ones; of a log that a node wrote alone it gives itself. Without them a server waits to be added.
  /// Errors: as the journal's; `configuration_dropped`; `not_bare` if the log names its servers already;
  /// `founder_not_alone` if others should found on a log that they don't have.
  result<void> start(const std::optional<configuration>& founders = {});
  /// Begins a group with a log that this server alone has: restored from a backup, or written before there was a group. All
  /// of it counts as committed, and whatever servers it names are forgotten. The other founders' logs must be empty, and
  /// they start() without founders: they have no say before this server's log has reached them, configuration included, so
  /// whoever leads has all of it. Says whether the group begins now; false if it had begun already, and just goes on.
  /// Errors: as the journal's; `founder_has_no_vote`.
  result<bool> start_with_history(const configuration& founders);

  /// To be called every heartbeat_ms or oftener.
  void tick();
  void receive(message what);
  /// Whether messages reach `peer`. Only a hint: if the leader can't be reached and is silent, it is given up sooner.
  void on_link(server_id peer, bool up);
  /// The journal's news of the shard.
  void on_durable(storage::log_index through);
  void on_journal_failed(const error& why);

  /// A committed entry that is still in memory; null if it is not.
  [[nodiscard]] shared_bytes find(storage::log_index index) const;

  /// Index and term for which the next batch is to be sealed. Mean something while this server serves as leader.
  [[nodiscard]] storage::log_index next_index() const;
  [[nodiscard]] storage::term_number term() const;
  [[nodiscard]] storage::event_offset next_offset() const { return next_offset_; }
  /// Appends a batch that is sealed for next_index(), term() and next_offset(). on_committed() tells when it is safe.
  /// Errors (nothing happened): `not_leader`, `leadership_moves`, `overloaded`, `group_stopped`.
  result<void> propose(shared_bytes batch);

  /// Calls back with an index once it is certain that this server led when the read came: what is committed up to there is
  /// all that a linearizable read must see. Errors: `not_leader`, `overloaded`, `group_stopped`.
  void read_barrier(read_handler done);

  /// Membership, for the leader, one change at a time. Errors: `not_leader`, `change_pending`, `already_member`,
  /// `no_such_server`, `same_role`, `catch_up_timeout`, `leader_itself`; an error does not say that the change will not happen if the
  /// leadership was lost.
  void add_learner(server_id who, change_handler done);
  void promote(server_id who, change_handler done);
  void demote(server_id who, change_handler done);
  void remove(server_id who, change_handler done);
  /// Hands the leadership over. Meanwhile proposals are refused. Errors also: `transfer_timeout`.
  void transfer(server_id to, change_handler done);

  [[nodiscard]] group_status status() const;
  /// Nothing if this server does not lead or the other is no member.
  [[nodiscard]] std::optional<follower_view> follower(server_id who) const;

 private:
  enum class phase : std::uint8_t { idle, founding, running };
  struct pending_change {
    change_handler done;
    std::optional<server_id> learner;  ///< is made one when it has been added
  };
  struct pending_transfer {
    server_id to;
    change_handler done;
    std::uint64_t deadline_ms;
  };
  struct told {
    storage::log_index committed;
    bool leading = false;
    storage::term_number term;
    server_id leader;
    storage::log_index configuration_index;
    bool configuration_committed = false;
  };

  // consensus_world
  void save(const storage::hard_state& state) override;
  void append(storage::log_index first, std::vector<entry_label> entries, std::uint64_t ticket) override;
  void truncate(storage::log_index from) override;
  void send(server_id to, body what, std::size_t entries) override;
  void left_behind(server_id to) override { behind_.insert(to); }
  std::uint64_t now_ms() override { return around_.host.now_ms(); }
  std::uint64_t random_below(std::uint64_t bound) override { return around_.host.random_below(bound); }

  result<void> found(const configuration& founders, log_start from);
  result<void> write_first(const configuration& founders, log_start from);
  result<void> run(log_start from);
  [[nodiscard]] bool working() const { return phase_ == phase::running && !failure_; }
  void fail(error why);
  void check(const result<void>& outcome);

  void receive_entries(server_id from, append_request what);
  void receive_answer(server_id from, const append_answer& what);
  void receive_round(server_id from, const read_round& what);
  void receive_round_answer(server_id from, const read_round_answer& what);
  void send_entries(server_id to, append_request what, std::size_t entries);
  void send_message(server_id to, body what);

  /// Tells the listener and the waiting what has changed, until nothing does.
  void settle();
  bool tell_once(const consensus_view& now);
  bool tell_role(const consensus_view& now);
  bool end_change(const consensus_view& now);
  bool end_transfer(const consensus_view& now);
  bool go_on_reading(const consensus_view& now);
  void ask_round();
  void bound_memory(const consensus_view& now);
  void stop_leading();

  void start_feed(server_id to);
  void go_on_feeding();
  void read_log(storage::log_index from, std::size_t size_bytes,
                std::function<void(result<std::vector<storage::log_entry>>)> then);

  void change(change_handler done, std::optional<server_id> learner, const std::function<result<void>()>& ask);

  const storage::shard_id shard_;
  const server_id self_;
  const environment around_;
  const group_options options_;
  phase phase_ = phase::idle;
  log_writer writer_;
  entry_cache cache_;
  storage::event_offset next_offset_{1};
  log_start founded_;  ///< while the founding entry is written
  std::vector<entry> incoming_;    ///< of the append request that is being dealt with
  shared_bytes proposal_;          ///< while it is handed over
  std::optional<error> failure_;   ///< nothing leaves any more
  bool failure_told_ = false;
  bool settling_ = false;
  told told_;
  std::optional<storage::log_index> truncated_;  ///< and not told yet
  read_rounds reads_;
  std::optional<pending_change> change_;
  std::optional<pending_transfer> transfer_;
  std::set<server_id> behind_;  ///< whom a feed must be begun for
  std::map<server_id, std::unique_ptr<log_feed>> feeds_;
  std::vector<server_id> broken_feeds_;
  std::uint64_t leadership_ = 0;  ///< what was begun for an earlier one is void
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
  std::unique_ptr<consensus> consensus_;  ///< the last member: it calls back while it is destroyed
};

}  // namespace bv::replication
