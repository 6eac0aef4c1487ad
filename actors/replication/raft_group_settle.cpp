// After each call into the algorithm: what has changed is told, in an order that a shard can rely on. First what is void,
// then what is committed, then who leads; a new leader is told only when all that came before it is committed.
#include <algorithm>
#include <utility>

#include "actors/replication/raft_group.hpp"
#include "protocols/schema/base/mutation.hpp"

namespace bv::replication {

using storage::log_index;

void raft_group::settle() {
  if (settling_) return;
  settling_ = true;
  while (working() && tell_once(consensus_->view())) {
  }
  if (working()) go_on_feeding();
  if (failure_ && !failure_told_) {
    failure_told_ = true;
    stop_leading();
    around_.listener.on_failed(*failure_);
  }
  settling_ = false;
}

/// True if there may be more to tell.
bool raft_group::tell_once(const consensus_view& now) {
  if (now.is == standing::failed) {
    fail(consensus_->why_failed());
    return false;
  }
  if (truncated_) {
    around_.listener.on_log_truncated(*std::exchange(truncated_, std::nullopt));
    return true;
  }
  if (now.configuration_index != told_.configuration_index || now.configuration_committed != told_.configuration_committed) {
    told_.configuration_index = now.configuration_index;
    told_.configuration_committed = now.configuration_committed;
    around_.listener.on_configuration(consensus_->members(), now.configuration_index, now.configuration_committed);
    return true;
  }
  if (now.committed > told_.committed) {
    told_.committed = now.committed;
    note_committed(around_.log, shard_, now.committed_configuration,
                   mutated(mutation::committed_cursor_ahead) ? now.last : now.committed);
    bound_memory(now);
    around_.listener.on_committed(now.committed);
    return true;
  }
  return tell_role(now) || end_change(now) || end_transfer(now) || go_on_reading(now);
}

bool raft_group::tell_role(const consensus_view& now) {
  if (told_.leading && (now.is != standing::leader || now.term != told_.term)) {
    told_.leading = false;
    told_.leader = now.leader;
    stop_leading();
    around_.listener.on_follower(now.leader);
    return true;
  }
  if (now.serving && !told_.leading) {
    told_.leading = true;
    told_.term = now.term;
    told_.leader = self_;
    around_.listener.on_leader(now.term, now.last.next());
    return true;
  }
  if (now.is != standing::leader && now.leader != told_.leader) {
    told_.leader = now.leader;
    around_.listener.on_follower(now.leader);
    return true;
  }
  if (now.is != standing::leader && (reads_.size() > 0 || !feeds_.empty())) stop_leading();
  return false;
}

void raft_group::stop_leading() {
  ++leadership_;
  feeds_.clear();
  behind_.clear();
  broken_feeds_.clear();
  const error lost{error_kind::unavailable, "not_leader", "this server stopped leading the shard"};
  for (const auto& done : reads_.take_all()) done(failure(lost));
  if (failure_ && transfer_) std::exchange(transfer_, std::nullopt)->done(failure(*failure_));
  if (auto pending = std::exchange(change_, std::nullopt)) pending->done(failure(lost));
}

bool raft_group::end_change(const consensus_view&) {
  auto outcome = consensus_->take_change();
  if (!outcome || !change_) return outcome.has_value();
  if (*outcome && change_->learner) {
    const auto who = *std::exchange(change_->learner, std::nullopt);
    around_.listener.on_control_entry();
    *outcome = consensus_->assign(who, server_role::learner);
    if (*outcome) return true;
  }
  std::exchange(change_, std::nullopt)->done(std::move(*outcome));
  return true;
}

bool raft_group::end_transfer(const consensus_view& now) {
  if (!transfer_ || now.transferring) return false;
  const bool late = now_ms() >= transfer_->deadline_ms || now.is == standing::leader;
  if (now.leader != transfer_->to && !late && now.leader.value == 0) return false;
  auto ended = *std::exchange(transfer_, std::nullopt);
  if (now.leader == ended.to)
    ended.done({});
  else
    ended.done(failure(error_kind::timeout, "transfer_timeout", "the server did not take over the leadership"));
  return true;
}

bool raft_group::go_on_reading(const consensus_view& now) {
  if (!now.serving) return false;
  if (reads_.due()) {
    reads_.begin(now.committed);
    ask_round();
    return true;
  }
  if (!reads_.under_way()) return false;
  const auto confirmed = reads_.take_confirmed(consensus_->members(), self_);
  for (const auto& done : confirmed) done(reads_.index());
  return !confirmed.empty();
}

void raft_group::ask_round() {
  for (const auto& one : consensus_->members().servers)
    if (one.role == server_role::voter && one.id != self_.value)
      send_message(server_id{one.id}, read_round{consensus_->view().term.value, reads_.round()});
}

void raft_group::bound_memory(const consensus_view& now) {
  cache_.forget_before(now.first_kept);
  const auto fit = cache_.size_bytes() > options_.cache_bytes_max ? cache_.newest_within(options_.cache_bytes_max / 2)
                                                                 : options_.consensus.retained_entries;
  consensus_->retain(std::min(fit, options_.consensus.retained_entries));
}

}  // namespace bv::replication
