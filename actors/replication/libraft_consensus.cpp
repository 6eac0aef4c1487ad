// libraft 0.15 (C-raft) behind our interface. It never sees the disk, the network or a batch's bytes, and where it
// strays from Raft (Ongaro's thesis), or asserts on what can happen, this file keeps it on the way:
//
//  1. It commits what a majority has, of whatever term (3.6.2, figure 3.7: only of one's own term). So a leader appends a
//     barrier first, and hears of no follower's success until that is on its own disk: from then on what it counts,
//     its last stored entry, is of its term.
//  2. It counts only its last stored entry: if the leader's disk is ahead of the followers' answers nothing is ever
//     committed. So it hears of its own writes only as far as the followers have come: `quorum_match`.
//  3. A follower reports all that it has stored as the leader's, also a rest of an earlier term that nobody has compared
//     yet. So a report is cut at what this leader's messages have matched: `verified_`.
//  4. A lone voter becomes leader without a new term, after a restart even in the one it led before. So it gets one.
//  5. A new configuration takes effect in it when its entry is written, if it still is a follower then, else never. So time
//     stands still for it in between.
//  6. Rolling back an uncommitted configuration needs the committed one's entry in memory, goes to the wrong one if two are
//     uncommitted, and is forgotten by a restart. So we roll it back ourselves, before it sees the entry that conflicts.
//  7. A message that begins before what it has in memory is refused, or, at index 0, appended at the wrong place. So what it
//     knows to be committed is cut off the front.
//  8. Once a candidate has won a pre-vote it never asks for one again, and counts up terms alone. So it is made to.
//  9. A server gives no vote while its own configuration does not make it a voter, although the candidate's, which may be
//     newer, does (4.1: requests are answered without a look at the configuration): a group that grows from one voter to
//     two stands still for ever if the first dies before the second knows. So it takes itself for a voter when it is asked.
// 10. The target of a transfer gets a second vote in a term. So a transfer is forgotten with the leadership.
// 11. Callbacks may not come from inside the call that they belong to, and errors of the disk make it free what it does not
//     own. So callbacks wait until it has returned, and it hears of no errors: the group stops.
//
// Snapshots only trim its memory: the journal is the log. It wants to send one to who is far behind; we feed that follower
// ordinary append requests from the journal instead, and libraft takes over when their answers have come far enough.
#include "actors/replication/libraft_consensus.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>

#include "actors/replication/libraft_convert.hpp"
#include "protocols/schema/base/assert.hpp"
#include "protocols/schema/base/mutation.hpp"

extern "C" {
#include <raft.h>
}

namespace bv::replication {
namespace {

using storage::log_index;
using storage::term_number;

/// libraft gives a follower that it thinks is reading a snapshot this long before it asks again.
constexpr unsigned feed_timeout_ms = 10'000;
/// How long a learner may take to come level once its promotion has begun.
constexpr unsigned catch_up_round_ms = 10'000;

using apply_request = struct ::raft_apply;  // there is a function of that name too

}  // namespace

libraft_consensus::libraft_consensus(server_id self, const consensus_options& options, consensus_world& world)
    : self_(self),
      options_(options),
      world_(world),
      raft_(std::make_unique<raft>()),
      io_(std::make_unique<raft_io>()),
      fsm_(std::make_unique<raft_fsm>()),
      barrier_request_(std::make_unique<struct raft_barrier>()),
      change_(std::make_unique<raft_change>()),
      transfer_(std::make_unique<struct raft_transfer>()) {
  bind_io();
  bind_fsm();
}

libraft_consensus::~libraft_consensus() {
  if (initialised_) raft_close(raft_.get(), [](raft*) {});
}

result<void> libraft_consensus::start(const start_point& from) {
  hard_ = from.hard;
  configurations_ = from.configurations;
  appended_ = log_index{from.committed.value + from.entries.size()};
  start_ = &from;
  BV_TRY(outcome_of(raft_init(raft_.get(), io_.get(), fsm_.get(), self_.value, address_of(self_).c_str()), "a start"));
  initialised_ = true;
  raft_set_election_timeout(raft_.get(), options_.election_timeout_ms);
  raft_set_heartbeat_timeout(raft_.get(), options_.heartbeat_ms);
  raft_set_install_snapshot_timeout(raft_.get(), feed_timeout_ms);
  raft_set_max_catch_up_round_duration(raft_.get(), catch_up_round_ms);
  raft_set_pre_vote(raft_.get(), true);
  retain(options_.retained_entries);
  const auto outcome = raft_start(raft_.get());
  start_ = nullptr;
  BV_TRY(outcome_of(outcome, "a start"));
  if (!configurations_.empty() && configurations_.rbegin()->first.value > raft_->commit_index) {
    raft_->configuration_uncommitted_index = configurations_.rbegin()->first.value;
    raft_->configuration_index = configurations_.begin()->first.value;
  }
  settle();
  return {};
}

void libraft_consensus::tick() {
  if (configuration_unwritten()) return;
  give_up_lost_leader();
  if (raft_->state == RAFT_CANDIDATE && !raft_->candidate_state.in_pre_vote &&
      world_.now_ms() - raft_->election_timer_start >= raft_->candidate_state.randomized_election_timeout) {
    raft_->candidate_state.in_pre_vote = true;
    raft_->candidate_state.disrupt_leader = false;
  }
  tick_(io_.get());
  settle();
}

bool libraft_consensus::configuration_unwritten() const {
  return std::ranges::any_of(appends_, [](const auto& one) { return one.has_configuration && !one.by_leader; });
}

void libraft_consensus::receive(server_id from, const body& what, std::span<const entry_label> entries) {
  if (raft_->state == RAFT_UNAVAILABLE) return;
  if (const auto* const request = std::get_if<append_request>(&what)) return receive_entries(from, *request, entries);
  if (std::holds_alternative<take_over>(what) && configuration_unwritten()) return;
  if (const auto* const answer = std::get_if<append_answer>(&what);
      answer && answer->rejected == 0 && answer->term == raft_->current_term && raft_->state == RAFT_LEADER && !barrier_stored()) {
    auto& kept = early_answers_[from];
    if (kept.last_index <= answer->last_index) kept = *answer;
    return;
  }
  if (const auto* const vote = std::get_if<vote_answer>(&what); vote && mutated(mutation::stale_vote_counted))
    return deliver(from, vote_answer{raft_->current_term, vote->granted, vote->pre_vote}, {});
  // libraft believes in a leader until its own election, and one that has no vote for ever (4.2.3: for a timeout).
  if (std::holds_alternative<vote_request>(what) && raft_->state == RAFT_FOLLOWER &&
      (doubts_leader() || world_.now_ms() - raft_->election_timer_start >= raft_->election_timeout)) {
    if (raft_->follower_state.current_leader.id != 0) last_leader_ = raft_->follower_state.current_leader.id;
    raft_->follower_state.current_leader.id = 0;
  }
  if (std::holds_alternative<vote_request>(what) && !votes(members(), self_)) {
    const auto real = members();
    auto as_voter = real;
    std::erase_if(as_voter.servers, [this](const server& one) { return one.id == self_.value; });
    as_voter.servers.push_back({self_.value, server_role::voter});
    set_members(as_voter);
    hand_over(from, what, entries);
    set_members(real);
    return settle();
  }
  deliver(from, what, entries);
}

void libraft_consensus::receive_entries(server_id from, append_request what, std::span<const entry_label> entries) {
  if (what.term >= raft_->current_term) {
    if (what.term == raft_->current_term && raft_->state == RAFT_LEADER)
      return fail("server " + std::to_string(from.value) + " leads term " + std::to_string(what.term) + " as well");
    auto known = raft_->log.snapshot.last_index;
    if (mutated(mutation::conflicting_tail_kept))
      known = std::max<number>(known, std::min<number>(last_index(), what.previous_index + entries.size()));
    if (what.previous_index < known) {
      const auto skipped = std::min<std::uint64_t>(known - what.previous_index, entries.size());
      entries = entries.subspan(skipped);
      what.previous_index = known;
      what.previous_term = term_at(known).value;
    }
    if (verified_term_ != what.term) verified_ = raft_->commit_index;
    verified_term_ = what.term;
    roll_back_configuration(what, entries);
    offered_ = what.previous_index + entries.size();
  }
  deliver(from, what, entries);
  offered_ = 0;
}

void libraft_consensus::set_members(const configuration& members) {
  raft_configuration_close(&raft_->configuration);
  to_libraft(members, raft_->configuration);
}

void libraft_consensus::deliver(server_id from, const body& what, std::span<const entry_label> entries) {
  hand_over(from, what, entries);
  settle();
}

void libraft_consensus::hand_over(server_id from, const body& what, std::span<const entry_label> entries) {
  auto& address = addresses_[from];
  if (address.empty()) address = address_of(from);
  raft_message message;
  to_libraft(from, address, what, entries, message);
  receive_(io_.get(), &message);
}

void libraft_consensus::roll_back_configuration(const append_request& what, std::span<const entry_label> entries) {
  if (raft_->configuration_uncommitted_index == 0) return;
  if (what.previous_index > 0 && term_at(what.previous_index).value != what.previous_term) return;
  auto index = what.previous_index + 1;
  const auto conflict = std::ranges::find_if(entries, [&](const entry_label& theirs) {
    const auto ours = term_at(index++);
    return ours.value != 0 && ours != theirs.term;
  });
  if (conflict == entries.end()) return;
  index = what.previous_index + 1 + static_cast<std::uint64_t>(conflict - entries.begin());
  if (index > raft_->configuration_uncommitted_index) return;
  const auto& [at, members] = *std::prev(configurations_.lower_bound(log_index{index}));
  set_members(members);
  raft_->configuration_uncommitted_index = at.value > raft_->configuration_index ? at.value : 0;
}

void libraft_consensus::durable(std::uint64_t ticket) {
  for (auto& one : appends_) one.durable = one.durable || one.ticket <= ticket;
  settle();
}

void libraft_consensus::settle() {
  for (;;) {
    if (!deferred_.empty()) {
      const auto next = std::move(deferred_.front());
      deferred_.pop_front();
      next();
    } else if (raft_->transfer && raft_->state != RAFT_LEADER) {
      raft_->transfer = nullptr;
    } else if (raft_->state == RAFT_LEADER && barrier_term_ != raft_->current_term) {
      lead();
    } else if (raft_->state == RAFT_LEADER && barrier_stored() && !early_answers_.empty()) {
      const auto next = early_answers_.extract(early_answers_.begin());
      deliver(next.key(), next.mapped(), {});
    } else if (!complete_appends()) {
      break;
    }
  }
  if (raft_->state != RAFT_LEADER) early_answers_.clear();
  const auto committed = configurations_.upper_bound(log_index{raft_->configuration_index});
  if (committed != configurations_.begin()) configurations_.erase(configurations_.begin(), std::prev(committed));
}

bool libraft_consensus::barrier_stored() const {
  return raft_->last_stored >= barrier_.value || mutated(mutation::prior_term_committed_by_counting);
}

void libraft_consensus::lead() {
  early_answers_.clear();
  if (campaign_term_ != raft_->current_term) {
    hard_ = {term_number{raft_->current_term + 1}, self_.value};
    campaign_term_ = hard_.term.value;
    world_.save(hard_);
    raft_->current_term = hard_.term.value;
    raft_->voted_for = hard_.vote;
  }
  barrier_term_ = raft_->current_term;
  barrier_ = log_index{last_index() + 1};
  const auto outcome = raft_barrier(raft_.get(), barrier_request_.get(), nullptr);
  BV_ASSERT(outcome == 0, "a leader may append a barrier");
}

bool libraft_consensus::complete_appends() {
  if (appends_.empty()) return false;
  const auto next = appends_.front();
  const bool early = next.by_leader ? mutated(mutation::leader_counts_itself_early)
                                    : mutated(mutation::follower_acknowledges_early);
  if (!next.durable && !early) return false;
  if (raft_->state == RAFT_LEADER && next.by_leader && next.last > barrier_ && next.last > quorum_match()) return false;
  appends_.pop_front();
  next.done(next.request, 0);
  return true;
}

log_index libraft_consensus::quorum_match() const {
  std::vector<std::uint64_t> matches;
  std::size_t voters = 0, ours = 0;
  for (unsigned i = 0; i < raft_->configuration.n; ++i) {
    if (raft_->configuration.servers[i].role != RAFT_VOTER) continue;
    ++voters;
    if (raft_->configuration.servers[i].id == self_.value)
      ++ours;
    else
      matches.push_back(raft_->leader_state.progress[i].match_index);
  }
  const auto needed = voters / 2 + 1 - ours;
  if (needed == 0) return log_index{std::numeric_limits<std::uint64_t>::max()};
  std::ranges::sort(matches, std::greater{});
  return log_index{matches.at(needed - 1)};
}

term_number libraft_consensus::term_at(std::uint64_t index) const {
  const auto& log = raft_->log;
  if (index == log.snapshot.last_index) return term_number{log.snapshot.last_term};
  if (index <= log.offset || index > last_index()) return {};
  return term_number{log.entries[(log.front + (index - log.offset - 1)) % log.size].term};
}

std::uint64_t libraft_consensus::last_index() const {
  const auto& log = raft_->log;
  return log.offset + (log.front <= log.back ? log.back - log.front : log.size - log.front + log.back);
}

result<void> libraft_consensus::append() {
  auto* const request = new apply_request{};
  auto payload = payload_of({});
  const auto outcome = raft_apply(raft_.get(), request, &payload, 1, [](apply_request* done, int, void*) { delete done; });
  if (outcome != 0) {
    raft_free(payload.base);
    delete request;
  }
  settle();
  return outcome_of(outcome, "a batch");
}

result<void> libraft_consensus::change(std::string_view what, const std::function<int(raft_change*)>& ask) {
  change_->data = this;
  const auto outcome = ask(change_.get());
  settle();
  return outcome_of(outcome, what);
}

namespace {

void change_done(raft_change* request, int code) {
  static_cast<libraft_consensus*>(request->data)->on_changed(outcome_of(code, "a change of the group"));
}

}  // namespace

result<void> libraft_consensus::add(server_id who) {
  return change("a new server", [&](raft_change* request) {
    return raft_add(raft_.get(), request, who.value, address_of(who).c_str(), change_done);
  });
}

result<void> libraft_consensus::assign(server_id who, server_role role) {
  return change("a change of role", [&](raft_change* request) {
    return raft_assign(raft_.get(), request, who.value, static_cast<int>(role), change_done);
  });
}

result<void> libraft_consensus::remove(server_id who) {
  return change("a removal",
                [&](raft_change* request) { return raft_remove(raft_.get(), request, who.value, change_done); });
}

result<void> libraft_consensus::transfer(server_id to) {
  *transfer_ = {};
  const auto outcome = raft_->state == RAFT_LEADER && raft_->transfer
                           ? RAFT_CANTCHANGE
                           : raft_transfer(raft_.get(), transfer_.get(), to.value, nullptr);
  settle();
  return outcome_of(outcome, "a transfer");
}

void libraft_consensus::retain(std::uint32_t entries) {
  raft_set_snapshot_threshold(raft_.get(), std::max(entries / 2, 1U));
  raft_set_snapshot_trailing(raft_.get(), entries);
}

consensus_view libraft_consensus::view() const {
  consensus_view now{.term = term_number{raft_->current_term},
                     .last = log_index{last_index()},
                     .committed = log_index{raft_->last_applied},
                     .first_kept = log_index{raft_->log.offset + 1},
                     .configuration_index = log_index{std::max(raft_->configuration_index, raft_->configuration_uncommitted_index)},
                     .configuration_committed = raft_->configuration_uncommitted_index == 0,
                     .committed_configuration = log_index{raft_->configuration_index}};
  if (raft_->state == RAFT_UNAVAILABLE || !why_failed_.empty()) {
    now.is = standing::failed;
  } else if (raft_->state == RAFT_LEADER) {
    now.is = standing::leader;
    now.leader = self_;
    now.transferring = raft_->transfer != nullptr;
    now.serving = barrier_term_ == raft_->current_term && now.committed >= barrier_;
  } else if (raft_->state == RAFT_CANDIDATE) {
    now.is = standing::candidate;
  } else if (verified_term_ == raft_->current_term) {
    // libraft remembers the leader of an earlier term until its own election.
    now.leader = server_id{raft_->follower_state.current_leader.id};
  }
  return now;
}

configuration libraft_consensus::members() const { return to_configuration(raft_->configuration); }

std::optional<follower_view> libraft_consensus::follower(server_id who) const {
  if (raft_->state != RAFT_LEADER) return std::nullopt;
  for (unsigned i = 0; i < raft_->configuration.n; ++i) {
    if (raft_->configuration.servers[i].id != who.value) continue;
    const auto& progress = raft_->leader_state.progress[i];
    return follower_view{static_cast<pace>(progress.state), log_index{progress.match_index}, log_index{progress.next_index}};
  }
  return std::nullopt;
}

error libraft_consensus::why_failed() const {
  return {error_kind::internal, "consensus_failed", why_failed_.empty() ? std::string(raft_->errmsg) : why_failed_};
}

std::unique_ptr<consensus> make_libraft(server_id self, const consensus_options& options, consensus_world& world) {
  return std::make_unique<libraft_consensus>(self, options, world);
}

}  // namespace bv::replication
