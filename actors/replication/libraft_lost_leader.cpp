// A leader whose process has died is given up before the election timeout. The kernel of its machine ends its links at once.
// That is a hint and no proof: links are also made anew, and each direction has its own. So a leader is given up only if it
// is silent as well, and pre-votes (Ongaro's thesis, 9.6) are refused by whoever still hears it. Who starts is decided by
// the voters' places in a line, which each knows; a second one comes when the first could have been done.
#include <algorithm>
#include <utility>

#include "actors/replication/libraft_consensus.hpp"

extern "C" {
#include <raft.h>
}

namespace bv::replication {

void libraft_consensus::on_link(server_id who, bool up, std::uint32_t place) {
  if (up) {
    lost_.erase(who);
    return;
  }
  lost_[who] = (place + 1) * options_.lost_leader_ms + world_.random_below(options_.heartbeat_ms / 2 + 1);
  given_up_ = 0;
}

bool libraft_consensus::doubts_leader() const {
  return raft_->state == RAFT_FOLLOWER && lost_.contains(server_id{raft_->follower_state.current_leader.id}) &&
         world_.now_ms() - raft_->election_timer_start >= options_.heartbeat_ms;
}

/// An election that came to nothing is tried once more after twice the time, then as ever: on a slow network the answers may
/// be under way for longer.
void libraft_consensus::give_up_lost_leader() {
  constexpr unsigned hurried_max = 2;
  if (raft_->state == RAFT_LEADER || raft_->state == RAFT_UNAVAILABLE) return;
  if (raft_->state == RAFT_FOLLOWER && raft_->follower_state.current_leader.id != 0) {
    if (std::exchange(last_leader_, raft_->follower_state.current_leader.id) != raft_->follower_state.current_leader.id) given_up_ = 0;
  }
  const auto lost = lost_.find(server_id{last_leader_});
  if (lost == lost_.end() || given_up_ == hurried_max) return;
  const auto silent = world_.now_ms() - raft_->election_timer_start;
  if (silent < lost->second << given_up_) return;
  ++given_up_;
  auto& timeout = raft_->state == RAFT_FOLLOWER ? raft_->follower_state.randomized_election_timeout
                                                : raft_->candidate_state.randomized_election_timeout;
  timeout = static_cast<unsigned>(std::min<std::uint64_t>(timeout, silent));
}

}  // namespace bv::replication
