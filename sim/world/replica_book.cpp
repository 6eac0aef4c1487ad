// Raft's own rules (Ongaro's thesis, figure 3.1 and 3.2), as far as they can be seen from outside: from messages, disks and
// what is told to be committed.
#include "sim/world/replica_book.hpp"

#include <algorithm>

#include "protocols/schema/base/assert.hpp"
#include "protocols/schema/base/hash.hpp"
#include "sim/observe/breach.hpp"
#include "storage/batch.hpp"

namespace bv::sim {
namespace {

using storage::log_index;
using storage::shard_id;
using storage::term_number;

std::string name_of(std::uint64_t node) { return "n" + std::to_string(node); }
std::string text_of(shard_id shard, log_index index) {
  return "batch " + std::to_string(index.value) + " of shard " + std::to_string(shard.value);
}
std::string text_of(const std::pair<shard_id, std::uint64_t>& in) {
  return "term " + std::to_string(in.second) + " of shard " + std::to_string(in.first.value);
}
/// Founders write it each by itself, and its term without a vote.
constexpr log_index founding_entry{1};
constexpr std::uint64_t founding_term = 1;

}  // namespace

void replica_book::written(std::uint64_t node, shard_id shard, log_index index, bytes_view data) {
  held_[{shard, index}][node] = hash64(data);
}

/// What a server has of a term's leader it keeps as long as the term lasts: the leader's log only grows (3.6, Leader
/// Append-Only), and may have been counted. What is committed, and was on its disk, it may have told others of any term.
void replica_book::truncated(std::uint64_t node, shard_id shard, log_index from, term_number now) {
  for (auto at = held_.lower_bound({shard, from}); at != held_.end() && at->first.first == shard; ++at) {
    const auto had = at->second.extract(node);
    const auto known = committed_.find(at->first);
    if (!had.empty() && known != committed_.end() && known->second.hash == had.mapped())
      broken_(breach::promises_kept, name_of(node) + " drops " + text_of(shard, at->first.second) + ", which is committed");
  }
  const auto found = told_.find({shard, node});
  if (found == told_.end() || found->second.term != now.value || found->second.last < from.value) return;
  broken_(breach::promises_kept, name_of(node) + " drops " + text_of(shard, from) + " and what comes after it, and told the leader of " +
                                     text_of({shard, now.value}) + " that it has all up to " + std::to_string(found->second.last));
}

bool replica_book::add(std::uint64_t node, shard_id shard, log_index index, bytes_view data) {
  const auto opened = storage::batch_reader::open(data);
  BV_ASSERT(opened, "a batch is committed that can't be read");
  const batch told{hash64(data), opened->term()};
  const auto [at, is_new] = committed_.try_emplace({shard, index}, told);
  const auto what = text_of(shard, index);
  if (!is_new) {
    if (at->second.hash != told.hash) broken_(breach::replicas_agree, name_of(node) + " has something else committed as " + what);
    return false;
  }
  if (index <= founding_entry) return true;
  const auto before = committed_.find({shard, log_index{index.value - 1}});
  if (before == committed_.end())
    broken_(breach::replicas_agree, name_of(node) + " has committed " + what + ", and nobody the one before");
  else if (told.term < before->second.term)
    broken_(breach::replicas_agree, what + " is of term " + std::to_string(told.term.value) + ", and the one before of a later one");
  const auto& holders = held_[{shard, index}];
  const auto count = std::ranges::count_if(holders, [&](const auto& one) { return one.second == told.hash; });
  if (static_cast<std::size_t>(count) < majority_)
    broken_(breach::commits_are_safe, name_of(node) + " holds " + what + " to be committed, and it is on " + std::to_string(count) +
                                       " disks; a majority is " + std::to_string(majority_));
  return true;
}

/// Whoever counts must count entries of its own term: those of earlier ones may still be replaced (figure 3.7). Followers
/// hear of it message by message, so what is asked is only who leads.
void replica_book::first_to_commit(std::uint64_t node, shard_id shard, log_index index, term_number now) {
  const auto leader = leaders_.find({shard, now.value});
  if (leader == leaders_.end() || leader->second != node) return;
  const auto found = committed_.find({shard, index});
  if (found == committed_.end() || found->second.term == now) return;
  broken_(breach::commits_are_safe, name_of(node) + " leads " + text_of({shard, now.value}) + " and counts " + text_of(shard, index) +
                                     ", which is of term " + std::to_string(found->second.term.value));
}

void replica_book::vote(std::uint64_t voter, std::uint64_t candidate, const shard_term& in) {
  const auto cast = votes_[in].try_emplace(voter, candidate).first->second;
  if (cast != candidate)
    broken_(breach::promises_kept, name_of(voter) + " votes for " + name_of(cast) + " and for " + name_of(candidate) + " in " + text_of(in));
}

void replica_book::lead(std::uint64_t node, const shard_term& in) {
  const auto [leader, is_new] = leaders_.try_emplace(in, node);
  if (leader->second != node)
    broken_(breach::one_leader_a_term, name_of(leader->second) + " and " + name_of(node) + " both lead " + text_of(in));
  if (!is_new || in.second <= founding_term) return;
  const auto& votes = votes_[in];
  const auto count = std::ranges::count_if(votes, [&](const auto& one) { return one.second == node; });
  if (static_cast<std::size_t>(count) < majority_)
    broken_(breach::one_leader_a_term, name_of(node) + " leads " + text_of(in) + " with " + std::to_string(count) + " votes; a majority is " +
                                        std::to_string(majority_));
}

void replica_book::sent(std::uint64_t from, std::uint64_t to, shard_id shard, const replication::body& what, const on_disk& disk) {
  const auto durable = [&](std::uint64_t term, bool kept) {
    if ((term > founding_term && disk.hard.term.value < term) || !kept)
      broken_(breach::promises_kept, name_of(from) + " tells " + name_of(to) + " what is not on its disk, in " + text_of({shard, term}));
  };
  if (const auto* const asks = std::get_if<replication::vote_request>(&what); asks && !asks->pre_vote) {
    durable(asks->term, disk.hard.vote == from);
    vote(from, from, {shard, asks->term});
  } else if (const auto* const answer = std::get_if<replication::vote_answer>(&what); answer && answer->granted && !answer->pre_vote) {
    durable(answer->term, disk.hard.vote == to);
    vote(from, to, {shard, answer->term});
  } else if (const auto* const request = std::get_if<replication::append_request>(&what)) {
    durable(request->term, true);
    lead(from, {shard, request->term});
  } else if (const auto* const success = std::get_if<replication::append_answer>(&what)) {
    durable(success->term, success->rejected > 0 || success->last_index <= disk.last.value);
    if (success->rejected > 0) return;
    auto& last = told_[{shard, from}];
    if (last.term != success->term) last = {success->term, 0};
    last.last = std::max(last.last, success->last_index);
  }
}

}  // namespace bv::sim
