#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/replication/seams.hpp"
#include "actors/replication/types.hpp"
#include "storage/journal.hpp"

namespace bv::replication {

/// Mends a shard's log of which batches do not check out any more, with what the group's other servers have. Meanwhile this
/// server must be none of the group: see log_mender.cpp for why that is safe.
///
///     quiet? → survey of the whole log → holes? ── ask one server after the other ──→ all in place → done
///                                          └─ none ──────────────────────────────────────────────↗
///
/// All members run on the owner's thread; writing what comes blocks it, and nobody else needs it now.
class log_mender {
 public:
  struct environment {
    storage::journal& log;
    transport& peers;
    group_host& host;
    /// Who may have the log as well; asked anew each time.
    std::function<std::vector<server_id>()> others;
    /// For people: what was found, and that it waits.
    std::function<void(std::string line)> tell;
    /// Once: with how many batches were put in place. Errors: the journal's, `tail_too_long`. The mender may be destroyed
    /// from then on, not inside the call.
    std::function<void(result<std::uint64_t>)> done;
  };
  /// Up to `committed` the log on this disk is known to be committed.
  log_mender(storage::shard_id shard, server_id self, storage::log_index committed, environment around);

  /// To be called every heartbeat or so.
  void tick();
  void receive(const mend_answer& what);

 private:
  enum class phase : std::uint8_t { quieting, surveying, asking, done };
  struct hole {
    storage::log_index from, through;
  };
  static constexpr std::size_t survey_page_bytes = std::size_t{4} << 20;
  static constexpr std::uint64_t ask_again_after_ms = 500;
  static constexpr std::uint64_t between_words_ms = 60'000;
  /// What is not known to be committed is gathered before any of it is written.
  static constexpr std::size_t tail_bytes_max = std::size_t{256} << 20;

  void survey(storage::log_index from);
  void on_surveyed(result<storage::log_survey> page);
  void look_at_holes();
  void ask();
  void take_committed(const mend_answer& what);
  void take_tail(const mend_answer& what);
  [[nodiscard]] std::vector<storage::log_entry> sound_entries(const mend_answer& what, hole of) const;
  void put(std::vector<storage::log_entry> batches, storage::log_index last);
  void go_on();
  void end(result<std::uint64_t> outcome);
  [[nodiscard]] std::string name() const;

  const storage::shard_id shard_;
  const server_id self_;
  storage::log_index committed_;
  const environment around_;
  const std::uint64_t session_;
  phase phase_ = phase::quieting;
  std::vector<storage::log_index> rotten_;
  std::deque<hole> holes_;  ///< of what is committed
  std::deque<hole> tail_;   ///< at most one: all that is not known to be committed, if anything of it is rotten
  std::vector<storage::log_entry> gathered_;  ///< of the tail
  std::size_t gathered_bytes_ = 0;
  std::size_t turn_ = 0;    ///< whom to ask
  std::uint64_t ask_at_ms_ = 0, tell_at_ms_;
  std::uint64_t mended_ = 0;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

/// What a server that knows the log to be committed up to `answer.committed` says to `what`; `answer` has all but the entries.
/// Blocks on the disk.
mend_answer answer_mend(storage::journal& log, storage::shard_id shard, const mend_request& what, mend_answer answer);

}  // namespace bv::replication
