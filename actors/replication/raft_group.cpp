#include "actors/replication/raft_group.hpp"

#include <algorithm>
#include <utility>

#include "protocols/schema/base/assert.hpp"
#include "protocols/schema/base/hash.hpp"
#include "protocols/schema/base/mutation.hpp"
#include "storage/batch.hpp"

namespace bv::replication {
namespace {

using storage::log_index;
using storage::term_number;

tl::unexpected<error> not_leader() {
  return failure(error_kind::unavailable, "not_leader", "this server does not lead the shard");
}
tl::unexpected<error> stopped() {
  return failure(error_kind::unavailable, "group_stopped", "the shard's replica has not started, or failed");
}

/// A leader that leaves, and dies before that is committed, has the longest log and no vote: nobody could be elected.
tl::unexpected<error> leader_itself() {
  return failure(error_kind::conflict, "leader_itself", "the leader can't leave: transfer the leadership first");
}

}  // namespace

raft_group::raft_group(storage::shard_id shard, server_id self, environment around, const group_options& options)
    : shard_(shard), self_(self), around_(around), options_(options), writer_(around.log, shard) {
  BV_ASSERT(self.value > 0, "a server's id is greater than 0");
}

raft_group::~raft_group() = default;

// --- Start -------------------------------------------------------------------------------------------------------

result<void> raft_group::start(const std::optional<configuration>& founders) {
  BV_ASSERT(phase_ == phase::idle, "a group starts once");
  BV_ASSIGN(auto from, read_log_start(around_.log, shard_));
  if (founders) return found(*founders, std::move(from));
  return run(std::move(from));
}

result<void> raft_group::found(const configuration& founders, log_start from) {
  if (!from.bare)
    return failure(error_kind::conflict, "not_bare", "the log names its servers already: start without founders");
  const auto last = around_.log.bounds(shard_).last;
  if (last.value > 0 && (founders.servers.size() != 1 || !votes(founders, self_)))
    return failure(error_kind::conflict, "founder_not_alone",
                   "a log with entries makes its own server the only founder; the others are added to it");
  return write_first(founders, std::move(from));
}

result<bool> raft_group::start_with_history(const configuration& founders) {
  BV_ASSERT(phase_ == phase::idle, "a group starts once");
  if (!votes(founders, self_))
    return failure(error_kind::conflict, "founder_has_no_vote", "who brings the group its log must vote: nobody else could lead");
  BV_ASSIGN(const bool begun, names(around_.log, shard_, self_));
  if (begun) return start().map([] { return false; });
  BV_ASSIGN(auto from, read_log_end(around_.log, shard_));
  return write_first(founders, std::move(from)).map([] { return true; });
}

/// What there is counts as committed, and so does the configuration that is written behind it.
result<void> raft_group::write_first(const configuration& founders, log_start from) {
  const auto last = around_.log.bounds(shard_).last;
  const term_number term{std::max<std::uint64_t>(from.point.hard.term.value, 1)};
  auto first = seal_entry(last.next(), from.next_offset, term, entry_kind::configuration, founders);
  from.point = {.hard = from.point.hard, .committed = first.index, .committed_term = term,
                .configurations = {{first.index, founders}}, .entries = {}};
  from.point.hard.term = std::max(from.point.hard.term, term);
  from.tail.clear();
  founded_ = std::move(from);
  phase_ = phase::founding;
  // Before the entry: a start that finds the cursor without the entry ignores it.
  note_committed(around_.log, shard_, first.index, first.index);
  return writer_.append({std::move(first)}, 0);
}

result<void> raft_group::run(log_start from) {
  next_offset_ = from.next_offset;
  for (auto& one : from.tail) cache_.add(std::move(one));
  told_.committed = from.point.committed;
  told_.term = from.point.hard.term;
  consensus_ = make_libraft(self_, options_.consensus, *this);
  phase_ = phase::running;
  BV_TRY(consensus_->start(from.point));
  settle();
  return {};
}

// --- What comes in -----------------------------------------------------------------------------------------------

void raft_group::tick() {
  if (!working()) return;
  if (change_ && told_.leading) around_.listener.on_control_entry();
  consensus_->tick();
  if (reads_.under_way() && consensus_->view().serving) ask_round();
  settle();
}

void raft_group::receive(message what) {
  if (!working() || what.shard != shard_.value || what.receiver != self_.value || what.sender == self_.value) return;
  const server_id from{what.sender};
  if (auto* const request = std::get_if<append_request>(&what.body))
    receive_entries(from, std::move(*request));
  else if (const auto* const answer = std::get_if<append_answer>(&what.body))
    receive_answer(from, *answer);
  else if (const auto* const round = std::get_if<read_round>(&what.body))
    receive_round(from, *round);
  else if (const auto* const agreed = std::get_if<read_round_answer>(&what.body))
    receive_round_answer(from, *agreed);
  else if (!std::holds_alternative<mend_request>(what.body) && !std::holds_alternative<mend_answer>(what.body))
    consensus_->receive(from, what.body, {});
  settle();
}

void raft_group::on_link(server_id peer, bool up) {
  if (!working()) return;
  // The voters' places in the line are drawn by the shard: what one node led is spread over all others.
  const auto lot = [this](server_id who) { return hash64(std::to_string(shard_.value) + "/" + std::to_string(who.value)); };
  std::uint32_t place = 0;
  for (const auto& one : consensus_->members().servers)
    if (one.role == server_role::voter && one.id != peer.value && lot(server_id{one.id}) > lot(self_)) ++place;
  consensus_->on_link(peer, up, place);
}

void raft_group::receive_entries(server_id from, append_request what) {
  // While a conflict waits to be cut, a second one would ask for an entry twice that is being written.
  if (writer_.truncating() && !what.entries.empty()) return;
  std::vector<entry> opened;
  std::vector<entry_label> labels;
  for (auto& data : std::exchange(what.entries, {})) {
    auto one = open_entry(std::make_shared<const bytes>(std::move(data)));
    if (!one || one->index.value != what.previous_index + opened.size() + 1) return;
    entry_label label{one->term, one->kind, {}};
    if (one->kind == entry_kind::configuration) {
      auto members = configuration_in(*one);
      if (!members) return;
      label.members = *std::move(members);
    }
    labels.push_back(std::move(label));
    opened.push_back(*std::move(one));
  }
  incoming_ = std::move(opened);
  consensus_->receive(from, what, labels);
  incoming_.clear();
}

void raft_group::receive_answer(server_id from, const append_answer& what) {
  // It may be the answer that a promotion waits for, which is an entry.
  if (change_ && told_.leading) around_.listener.on_control_entry();
  consensus_->receive(from, what, {});
  if (what.term != consensus_->view().term.value) return;
  const auto follower = consensus_->follower(from);
  if (!follower) return;
  if (const auto feed = feeds_.find(from); feed != feeds_.end()) {
    feed->second->on_answer(what, now_ms());
    const bool level = follower->is == pace::streaming ||
                       (follower->is == pace::probing && follower->match == consensus_->view().last);
    if (level) feeds_.erase(feed);
  } else if (what.rejected > 0 && follower->is == pace::probing) {
    // libraft would try again with the next heartbeat, one entry further back.
    behind_.insert(from);
  }
}

void raft_group::receive_round(server_id from, const read_round& what) {
  if (consensus_->view().term.value == what.term || mutated(mutation::read_round_agreed_in_any_term))
    send_message(from, read_round_answer{what.term, what.round});
}

void raft_group::receive_round_answer(server_id from, const read_round_answer& what) {
  if (consensus_->view().term.value == what.term && told_.leading) reads_.on_answer(from, what.round);
}

// --- Proposals ---------------------------------------------------------------------------------------------------

shared_bytes raft_group::find(log_index index) const {
  const auto* const found = cache_.find(index);
  return found ? found->data : nullptr;
}

log_index raft_group::next_index() const { return consensus_ ? consensus_->view().last.next() : log_index{}; }
term_number raft_group::term() const { return consensus_ ? consensus_->view().term : term_number{}; }

result<void> raft_group::propose(shared_bytes batch) {
  if (!working()) return stopped();
  const auto now = consensus_->view();
  if (!now.serving) return not_leader();
  if (now.transferring)
    return failure(error_kind::unavailable, "leadership_moves", "another server is taking over; try again there");
  if (now.last.value - now.committed.value >= options_.uncommitted_max)
    return failure(error_kind::overloaded, "overloaded", "too much is not committed yet");
  BV_ASSIGN(const auto sealed, storage::batch_reader::open(*batch));
  if (sealed.term() != now.term) return not_leader();
  BV_ASSERT(sealed.index() == now.last.next() && sealed.first_offset() == next_offset_ && !sealed.is_control(),
            "a batch was sealed for another place in the log");
  proposal_ = std::move(batch);
  auto outcome = consensus_->append();
  proposal_.reset();
  settle();
  return outcome;
}

void raft_group::read_barrier(read_handler done) {
  if (!working()) return done(stopped());
  if (consensus_->view().is != standing::leader) return done(not_leader());
  if (reads_.size() >= options_.reads_max)
    return done(failure(error_kind::overloaded, "overloaded", "too many reads wait for a majority"));
  reads_.ask(std::move(done));
  settle();
}

// --- Membership --------------------------------------------------------------------------------------------------

void raft_group::change(change_handler done, std::optional<server_id> learner, const std::function<result<void>()>& ask) {
  if (!working()) return done(stopped());
  if (!consensus_->view().serving) return done(not_leader());
  if (change_) return done(failure(error_kind::conflict, "change_pending", "another change of the group is under way"));
  around_.listener.on_control_entry();
  if (auto asked = ask(); !asked) return done(std::move(asked));
  change_ = pending_change{std::move(done), learner};
  settle();
}

void raft_group::add_learner(server_id who, change_handler done) {
  change(std::move(done), who, [this, who] { return consensus_->add(who); });
}
void raft_group::promote(server_id who, change_handler done) {
  change(std::move(done), {}, [this, who] { return consensus_->assign(who, server_role::voter); });
}
void raft_group::demote(server_id who, change_handler done) {
  if (who == self_) return done(leader_itself());
  change(std::move(done), {}, [this, who] { return consensus_->assign(who, server_role::learner); });
}
void raft_group::remove(server_id who, change_handler done) {
  if (who == self_) return done(leader_itself());
  change(std::move(done), {}, [this, who] { return consensus_->remove(who); });
}

void raft_group::transfer(server_id to, change_handler done) {
  if (!working()) return done(stopped());
  if (!consensus_->view().serving) return done(not_leader());
  if (transfer_ || change_)
    return done(failure(error_kind::conflict, "change_pending", "another change of the group is under way"));
  around_.listener.on_control_entry();
  if (auto asked = consensus_->transfer(to); !asked) return done(std::move(asked));
  transfer_ = pending_transfer{to, std::move(done), now_ms() + 3 * options_.consensus.election_timeout_ms};
  settle();
}

std::optional<follower_view> raft_group::follower(server_id who) const {
  return working() ? consensus_->follower(who) : std::nullopt;
}

group_status raft_group::status() const {
  if (!consensus_) return {};
  group_status now{consensus_->view(), consensus_->members(), {}};
  for (const auto& [who, feed] : feeds_) now.feeds.push_back({who, feed->match(), now.raft.last});
  return now;
}

}  // namespace bv::replication
