#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "actors/replication/options.hpp"
#include "actors/replication/types.hpp"
#include "storage/journal.hpp"

/// The algorithm of one group, apart from everything around it: the one interface behind which a library does the voting
/// and counting. It holds no bytes of batches; it knows of an entry its index, its term and its kind.
namespace bv::replication {

/// What an entry is to the algorithm.
struct entry_label {
  storage::term_number term;
  entry_kind kind = entry_kind::batch;
  configuration members;  ///< only if it is a configuration
};

/// What the algorithm asks for. Called from inside its calls, on the owner's thread; none of them may call it back.
class consensus_world {
 public:
  virtual ~consensus_world() = default;
  /// Durable when it returns. If that fails nothing may leave any more: the owner stops the group.
  virtual void save(const storage::hard_state& state) = 0;
  /// Entries `first` … go to the log, in the order of the calls; then comes consensus::durable(ticket). Tickets ascend.
  virtual void append(storage::log_index first, std::vector<entry_label> entries, std::uint64_t ticket) = 0;
  /// Everything from `from` on is void; appends that follow replace it.
  virtual void truncate(storage::log_index from) = 0;
  /// Of an append request, `entries` entries after previous_index belong to it: the owner adds them.
  virtual void send(server_id to, body what, std::size_t entries) = 0;
  /// What `to` needs next is no longer at hand: the owner feeds it from the log.
  virtual void left_behind(server_id to) = 0;
  virtual std::uint64_t now_ms() = 0;
  /// Uniform in [0, bound).
  virtual std::uint64_t random_below(std::uint64_t bound) = 0;
};

/// What is durable when a server starts.
struct start_point {
  storage::hard_state hard;
  /// Known to be committed; the log begins after it as far as the algorithm is concerned. 0 if the log is empty.
  storage::log_index committed;
  storage::term_number committed_term;
  /// The configurations that count: the newest at or before `committed`, and all after it.
  std::map<storage::log_index, configuration> configurations;
  std::vector<entry_label> entries;  ///< after `committed`
};

enum class standing : std::uint8_t { follower, candidate, leader, failed };

struct consensus_view {
  standing is = standing::follower;
  /// Leads, and everything of earlier terms is committed.
  bool serving = false;
  bool transferring = false;  ///< leads, and asked another to take over: takes nothing new
  storage::term_number term;
  server_id leader;  ///< known one of the term; 0 none
  storage::log_index last;
  storage::log_index committed;
  storage::log_index first_kept;  ///< labels before it are forgotten
  storage::log_index configuration_index;
  bool configuration_committed = false;
  storage::log_index committed_configuration;  ///< the newest that is committed
};

enum class pace : std::uint8_t { probing, streaming, left_behind };

/// A follower as the leader sees it.
struct follower_view {
  pace is = pace::probing;
  storage::log_index match;  ///< durable there, and the same as here
  storage::log_index next;   ///< goes there next
};

class consensus {
 public:
  virtual ~consensus() = default;

  /// Errors: `consensus_failed`.
  virtual result<void> start(const start_point& from) = 0;
  /// To be called about once in heartbeat_ms or oftener.
  virtual void tick() = 0;
  /// `entries` are those of an append request, of consecutive indexes.
  virtual void receive(server_id from, const body& what, std::span<const entry_label> entries) = 0;
  /// The link with `who` is lost, or there again. If it leads, and is silent, it is given up after lost_leader_ms instead of
  /// the election timeout, by whom `place` is 0 for; by the others later, so that votes are not split.
  virtual void on_link(server_id who, bool up, std::uint32_t place) = 0;
  /// The append with that ticket, and all before it, are on the disk.
  virtual void durable(std::uint64_t ticket) = 0;

  /// Appends an entry of kind `batch` at view().last + 1. Errors: `not_leader`.
  virtual result<void> append() = 0;
  /// Adds an observer, gives a member another role, or removes it. Errors: `not_leader`, `change_pending` and what is
  /// wrong with the change. The outcome comes through take_change().
  virtual result<void> add(server_id who) = 0;
  virtual result<void> assign(server_id who, server_role role) = 0;
  virtual result<void> remove(server_id who) = 0;
  /// Errors: `not_leader`, `no_such_voter`.
  virtual result<void> transfer(server_id to) = 0;
  /// The outcome of the change that was asked for last, once.
  virtual std::optional<result<void>> take_change() = 0;

  /// How many committed labels to keep from now on.
  virtual void retain(std::uint32_t entries) = 0;

  [[nodiscard]] virtual consensus_view view() const = 0;
  [[nodiscard]] virtual configuration members() const = 0;
  /// Null if this server does not lead or the other is no member.
  [[nodiscard]] virtual std::optional<follower_view> follower(server_id who) const = 0;
  /// Why view().is is `failed`.
  [[nodiscard]] virtual error why_failed() const = 0;
};

/// By libraft. `world` must outlive it.
std::unique_ptr<consensus> make_libraft(server_id self, const consensus_options& options, consensus_world& world);

}  // namespace bv::replication
