#include "actors/runtime/shard_replica.hpp"

#include <algorithm>
#include <utility>

#include "protocols/schema/base/mutation.hpp"

namespace bv::runtime {

using storage::log_index;

shard_replica::shard_replica(storage::shard_id shard, node_id self, environment around,
                             const replication::group_options& options)
    : shard_(shard),
      self_(self),
      around_(std::move(around)),
      options_(options),
      taken_in_(around_.store.derived->through(shard)) {
  make_group();
}

void shard_replica::make_group() {
  group_ = std::make_unique<replication::raft_group>(
      shard_, self_, replication::raft_group::environment{*around_.store.log, around_.peers, around_.host, *this}, options_);
}

result<void> shard_replica::begin_group() {
  const auto last = around_.store.log->bounds(shard_).last;
  const bool gets_it = !beginning_ || (beginning_->history.value > 0 && beginning_->history != self_);
  if (gets_it) {
    joining_ = last.value == 0 || (begun_ && joining_);
    BV_TRY(group_->start());
  } else if (beginning_->history.value == 0) {
    BV_TRY(group_->start(last.value == 0 ? std::optional(beginning_->founders) : std::nullopt));
  } else {
    BV_ASSIGN(const bool begins, group_->start_with_history(beginning_->founders));
    if (begins) committed_ = last;
  }
  if (!begun_) BV_TRY(served_->begin_after(taken_in_));
  begun_ = true;
  committed_ = std::max({committed_, group_->status().raft.committed, taken_in_});
  return {};
}

void shard_replica::start(const std::optional<group_beginning>& beginning, std::function<void(result<void>)> started) {
  started_ = std::move(started);
  beginning_ = beginning;
  look_at_ms_ = around_.host.now_ms() + around_.host.random_below(options_.between_looks_ms);
  begin();
}

void shard_replica::tick() {
  if (group_) group_->tick();
  if (mender_) mender_->tick();
  if (role_ == role::draining) go_on_draining();
  look_for_preferred();
  look_at_log();
  publish();
}

void shard_replica::on_level() {
  joining_ = false;
  level_at_ = taken_in_;
  take_in();
}

void shard_replica::receive(replication::message what) {
  const node_id from{what.sender};
  if (const auto* const asked = std::get_if<replication::mend_request>(&what.body)) return answer(from, *asked);
  if (const auto* const given = std::get_if<replication::mend_answer>(&what.body)) {
    if (mender_) mender_->receive(*given);
    return;
  }
  if (group_) return group_->receive(std::move(what));
  // What is asked at this node goes to whoever leads the others.
  if (!std::holds_alternative<replication::append_request>(what.body) || leader_ == from) return;
  leader_ = from;
  publish();
  around_.moved();
}

// --- What the group says -----------------------------------------------------------------------------------------

void shard_replica::on_committed(log_index index) {
  committed_ = index;
  if (role_ == role::following) return take_in();
  if (!mutated(mutation::taken_in_twice)) taken_in_ = index;
  served_->on_durable(index);
  if (role_ == role::draining) go_on_draining();
}

void shard_replica::on_leader(storage::term_number, log_index) {
  leads_ = true;
  serve_when_level();
}

void shard_replica::on_follower(replication::server_id leader) {
  leads_ = false;
  if (!mutated(mutation::entity_hosted_twice)) stop_serving(leadership_lost());
  around_.standing.set_followers({});
  leader_ = leader;
  publish();
  around_.moved();
}

void shard_replica::on_control_entry() {
  if (role_ != role::following) served_->seal();
}

void shard_replica::on_feed_failed(replication::server_id follower, const error& why) {
  around_.notes({note_level::error, name() + ": node " + std::to_string(follower.value) +
                                        " can't be brought level: " + describe(why)});
}

void shard_replica::on_failed(const error& why) {
  if (!mender_) fail(why);
}

// --- What is committed takes effect ------------------------------------------------------------------------------

void shard_replica::take_in() {
  if (reading_ || failed_ || role_ != role::following || !group_) return;
  for (std::size_t taken = 0; taken_in_ < committed_; ++taken) {
    if (taken == batches_per_turn_max) {
      reading_ = true;
      return around_.host.post([this] {
        reading_ = false;
        take_in();
      });
    }
    auto batch = group_->find(taken_in_.next());
    if (!batch) return read_on();
    if (auto done = take(taken_in_.next(), std::move(batch)); !done) return fail(done.error());
  }
  if (started_ && !joining_ && taken_in_ >= level_at_) {
    level_once_ = true;
    std::exchange(started_, nullptr)({});
  }
  serve_when_level();
}

void shard_replica::read_on() {
  reading_ = true;
  around_.host.in_background([this, &log = *around_.store.log, &host = around_.host, shard = shard_, from = taken_in_.next()] {
    auto page = std::make_shared<result<std::vector<storage::log_entry>>>(log.read(shard, from, page_bytes));
    host.post([this, page] {
      reading_ = false;
      if (failed_ || role_ != role::following) return;
      if (!*page) return fail_unless_mended(page->error());
      for (auto& one : **page) {
        if (one.index > committed_) break;
        if (auto done = take(one.index, std::make_shared<const bytes>(std::move(one.data))); !done) return fail(done.error());
      }
      take_in();
    });
  });
}

result<void> shard_replica::take(log_index index, shared_bytes batch) {
  if (index != taken_in_.next()) return {};
  BV_TRY(served_->take_in(index, std::move(batch), snapshots_of(index)));
  taken_in_ = index;
  return {};
}

// --- Snapshots ---------------------------------------------------------------------------------------------------

void shard_replica::on_snapshot(const entity_key& of, const storage::snapshot& taken) {
  const frames::snapshot told{of.text(), taken.version, taken.index.value, taken.data};
  for (const auto& one : group_->status().members.servers)
    if (one.id != self_.value) around_.tell(node_id{one.id}, told);
}

void shard_replica::receive(frames::snapshot what) {
  const log_index index{what.index};
  auto entity = entity_key::parse(what.entity);
  if (!entity || index <= taken_in_ || snapshot_bytes_ + what.data.size() > snapshot_bytes_max) return;
  const auto size_bytes = what.data.size();
  const bool added =
      snapshots_[index].try_emplace(*std::move(entity), storage::snapshot{what.version, index, std::move(what.data)}).second;
  if (added) snapshot_bytes_ += size_bytes;
}

taken_snapshots shard_replica::snapshots_of(log_index index) {
  taken_snapshots found;
  while (!snapshots_.empty() && snapshots_.begin()->first <= index) {
    found = std::move(snapshots_.begin()->second);
    const bool wanted = snapshots_.begin()->first == index;
    snapshots_.erase(snapshots_.begin());
    for (const auto& [entity, one] : found) snapshot_bytes_ -= one.data.size();
    if (!wanted) found.clear();
  }
  return found;
}

// --- Leading -----------------------------------------------------------------------------------------------------

/// Whatever came before this leadership must have taken effect, or an entity would be recovered without it.
void shard_replica::serve_when_level() {
  if (!leads_ || failed_ || role_ != role::following || heir_.value > 0) return;
  if (taken_in_.next() != group_->next_index() && !mutated(mutation::served_before_level)) return;
  leader_ = self_;
  role_ = role::serving;
  if (auto started = served_->start(); !started) return fail(started.error());
  preference_at_ms_ = around_.host.now_ms() + between_preferences_ms;
  publish();
  around_.moved();
}

/// The journal says on_rot() of what can be mended.
void shard_replica::fail_unless_mended(const error& why) {
  if (!storage::is_rot(why)) fail(why);
}

error shard_replica::leadership_lost() {
  return {error_kind::timeout, "leadership_lost",
          "this node does not lead the shard any more; it may or may not have happened: ask again, with the same command id", {}, 100};
}

void shard_replica::stop_serving(const error& why) {
  heir_ = {};
  refused_next_.reset();
  leader_ = {};
  if (std::exchange(role_, role::following) != role::following) served_->step_down(why);
}

// The shard asks for it only while it serves.
log_place shard_replica::next() const { return {refused_next_.value_or(group_->next_index()), group_->next_offset(), group_->term()}; }

void shard_replica::append(shared_bytes batch, storage::event_offset) {
  if (refused_next_) {
    refused_next_ = refused_next_->next();
    return;
  }
  const auto index = group_->next_index();
  auto proposed = group_->propose(std::move(batch));
  if (proposed || mutated(mutation::refused_proposal_ignored)) return;
  refused_next_ = index.next();
  // What the entities have decided since will not be in the log. Not at once: the shard is in the middle of it.
  around_.host.post([this] {
    if (role_ == role::following) return;
    stop_serving(leadership_lost());
    publish();
    around_.moved();
    take_in();
  });
}

void shard_replica::confirm(std::function<void(result<void>)> done) {
  if (mutated(mutation::deposed_leader_serves_read)) return done({});
  if (!group_) return done(failure(leadership_lost()));
  group_->read_barrier([done = std::move(done)](const result<log_index>& sure) {
    done(sure ? result<void>{} : failure(sure.error()));
  });
}

staleness shard_replica::how_stale() const {
  return {.leader_known = leader_.value > 0 && !mender_, .batches_behind = committed_.value - taken_in_.value};
}

// --- Handing over ------------------------------------------------------------------------------------------------

void shard_replica::hand_over(node_id to) {
  if (role_ != role::serving || to == self_) return;
  role_ = role::draining;
  heir_ = to;
  leader_ = {};
  drain_until_ms_ = around_.host.now_ms() + drain_ms_max;
  publish();
  around_.moved();
  go_on_draining();
}

void shard_replica::go_on_draining() {
  if (!served_->idle() && around_.host.now_ms() < drain_until_ms_) return;
  const auto to = heir_;
  stop_serving(leadership_lost());
  heir_ = to;  // until it is known who leads, nobody serves here
  around_.host.post([this, to] {
    if (!group_) return;
    group_->transfer(to, [this, to](const result<void>& outcome) {
      if (heir_ == to) heir_ = {};
      if (!outcome)
        around_.notes({note_level::warning, name() + ": node " + std::to_string(to.value) +
                                                " does not take over: " + describe(outcome.error())});
      take_in();
    });
  });
}

void shard_replica::look_for_preferred() {
  const auto now_ms = around_.host.now_ms();
  if (role_ != role::serving || now_ms < preference_at_ms_) return;
  preference_at_ms_ = now_ms + between_preferences_ms;
  look_at_followers();
  if (preferred_.value == 0 || preferred_ == self_ || changing_) return;
  const auto now = group_->status();
  if (!replication::votes(now.members, preferred_)) return;
  const auto follower = group_->follower(preferred_);
  if (follower && follower->match.value + entries_behind_max >= now.raft.last.value && may_lead(preferred_))
    hand_over(preferred_);
}

void shard_replica::look_at_followers() {
  const auto now = group_->status();
  std::vector<follower_status> seen;
  for (const auto& one : now.members.servers) {
    const auto follower = group_->follower(replication::server_id{one.id});
    const auto match = one.id == self_.value ? now.raft.last : follower ? follower->match : log_index{};
    seen.push_back({.node = node_id{one.id},
                    .votes = one.role == replication::server_role::voter,
                    .entries_behind = now.raft.last.value - std::min(match, now.raft.last).value});
  }
  around_.standing.set_followers(std::move(seen));
}

node_id shard_replica::heir() const {
  node_id best;
  log_index furthest;
  if (role_ != role::serving) return best;
  for (const auto& one : group_->status().members.servers) {
    const node_id who{one.id};
    if (one.role != replication::server_role::voter || !may_lead(who)) continue;
    const auto follower = group_->follower(who);
    if (!follower || (best.value > 0 && follower->match <= furthest)) continue;
    best = who;
    furthest = follower->match;
  }
  return best;
}

void shard_replica::on_link(node_id peer, bool up) {
  leaving_.erase(peer);
  if (up)
    reached_.insert(peer);
  else
    reached_.erase(peer);
  if (group_) return group_->on_link(peer, up);
  if (up || leader_ != peer) return;
  leader_ = {};
  publish();
  around_.moved();
}

void shard_replica::fail(const error& why) {
  if (std::exchange(failed_, true)) return;
  leads_ = false;
  mender_.reset();
  if (group_) group_->on_journal_failed(why);  // whoever can't apply the log must not lead it
  around_.notes({note_level::error, name() + " takes no part any more: " + describe(why)});
  stop_serving(leadership_lost());  // not why, which would say that nothing was done: the others may have it
  publish();
  around_.moved();
  if (started_) std::exchange(started_, nullptr)(failure(why));
}

void shard_replica::publish() {
  around_.standing.leader.store(leader_.value, std::memory_order_relaxed);
  around_.standing.serving.store(role_ == role::serving, std::memory_order_relaxed);
  if (group_) around_.standing.term.store(group_->term().value, std::memory_order_relaxed);
  around_.standing.committed.store(committed_.value, std::memory_order_relaxed);
  around_.standing.taken_in.store(taken_in_.value, std::memory_order_relaxed);
  around_.standing.mending.store(mender_ != nullptr, std::memory_order_relaxed);
}

}  // namespace bv::runtime
