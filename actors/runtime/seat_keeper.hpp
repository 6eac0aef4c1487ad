#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "actors/replication/raft_group.hpp"
#include "actors/runtime/interconnect.hpp"
#include "actors/runtime/roster.hpp"

namespace bv::runtime {

/// How many shards of this node may bring a new follower level at the same time, so that those who are served don't notice.
/// Threads: any.
class transfer_permits {
 public:
  static constexpr int at_once = 2;
  [[nodiscard]] bool take() {
    if (taken_.fetch_add(1) < at_once) return true;
    taken_.fetch_sub(1);
    return false;
  }
  void give_back() { taken_.fetch_sub(1); }

 private:
  std::atomic<int> taken_{0};
};

/// Makes a shard's group what the roster wishes, while this node leads it: one change at a time, each for a reason that holds now, so
/// whoever leads next just goes on.
///
///     a follower is missing → add it, wait until it is level
///     a voter is missing, and level → give it a vote
///     all wished voters vote → take the vote from others; then let go who is no member
///     nothing left to do → tell the cluster that the shard is settled
///
/// So there are never fewer voters than before or after. All members run on the shard's actor.
class seat_keeper {
 public:
  struct environment {
    node_id self;
    /// Asked for anew each time: a log that is mended begins a new one. Called only while this node leads.
    std::function<replication::raft_group&()> group;
    transfer_permits& permits;
    /// Says that the group is as it is wished in that revision; again until the roster knows.
    std::function<void(std::uint32_t revision)> settle;
    /// Why a change was not made; it is tried again.
    std::function<void(const error&)> failed;
  };
  explicit seat_keeper(environment around) : around_(std::move(around)) {}
  ~seat_keeper() { release(); }
  seat_keeper(const seat_keeper&) = delete;
  seat_keeper& operator=(const seat_keeper&) = delete;

  void on_wish(wished_seats wish) { wish_ = std::move(wish); }
  /// To be called now and then; `leads`: whether this node may change the group.
  void tick(bool leads, std::uint64_t now_ms);
  /// A change of the group is under way: the leadership can't move meanwhile.
  [[nodiscard]] bool changing() const { return changing_; }

 private:
  /// Between two looks at a group that is not as wished.
  static constexpr std::uint64_t between_looks_ms = 200;
  static constexpr std::uint64_t between_words_ms = 1000;
  /// Who lacks no more than this gets the rest while it is given a vote.
  static constexpr std::uint64_t entries_behind_max = 64;
  /// A follower that does not come level in this time keeps no other waiting.
  static constexpr std::uint64_t permit_ms_max = 60'000;

  using ids = std::vector<std::uint64_t>;
  /// False if there is nothing to do.
  bool add_missing(const replication::configuration& now, std::uint64_t now_ms);
  bool promote(const replication::configuration& now);
  bool let_go(const replication::configuration& now);
  [[nodiscard]] bool level(std::uint64_t who) const;
  replication::change_handler ended();
  void release();

  const environment around_;
  std::optional<wished_seats> wish_;
  bool changing_ = false;
  std::uint64_t look_at_ms_ = 0, word_at_ms_ = 0;
  std::optional<std::uint64_t> bringing_;  ///< the follower that holds our permit
  std::uint64_t permit_until_ms_ = 0;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace bv::runtime
