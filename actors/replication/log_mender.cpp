// A torn tail is cut when the journal opens: it was never acknowledged. What is dealt with here is rot: batches that were
// durable, and may have been acknowledged, and do not check out now. To cut them off, as a torn tail, and let the leader
// send them again would take a promise back: this server has told a leader, or a majority through it, that it has them, and a
// candidate without them might be elected with its vote (Alagappan et al., "Protocol-Aware Recovery for Consensus-Based
// Storage", FAST '18).
//
// So nothing is cut, and as long as the log is not whole the server does not take part: no vote, no success, no leadership. That
// is as safe as a server that is down, which may come back with the log that it had. It comes back with one that promises
// no less:
//
//  - A hole in what is known to be committed. What is committed at an index is the same for ever, so any server that knows it
//    to be committed has the very batch. It is put in place; term, vote, and everything else stay as they were.
//  - A hole in the tail behind. Nobody can tell what was there, nor whether what lies around it is of the same branch. So all of the
//    tail is replaced at once by what is committed now at its indexes: that is what the server would have if it had been level.
//    Whatever it promised of the tail is kept, for a promise counts only if it was committed, and then it is among that.
//  - A tail that is longer than what is committed, while nothing more is being written. A leader of a term that is not older than this
//    server's, who has committed everything in its own log, has all that was committed, and every entry of its own term: what
//    is not in its log was not committed, and can't be any more with this server's old word for it, because that was given in a
//    term in which no leader counts any more. So the log ends where the leader's does.
//
// A tail is one commit. Of holes in what is committed a crash leaves some, which are as safe as they were before they were found,
// and are found again in the same way.
//
// Servers may answer late. A committed batch is right whenever it comes; where a leader's log ends is not, once this server has
// taken part again: so an answer bears the session, another number each time that a log is mended.
#include "actors/replication/log_mender.hpp"

#include <algorithm>
#include <utility>

#include "protocols/schema/base/mutation.hpp"

namespace bv::replication {
namespace {

using storage::log_entry;
using storage::log_index;

constexpr std::size_t answer_bytes_max = std::size_t{1} << 20;

}  // namespace

log_mender::log_mender(storage::shard_id shard, server_id self, log_index committed, environment around)
    : shard_(shard),
      self_(self),
      committed_(committed),
      around_(std::move(around)),
      session_(around_.host.random_below(~std::uint64_t{0})),
      tell_at_ms_(around_.host.now_ms() + between_words_ms) {}

void log_mender::tick() {
  if (phase_ == phase::quieting && around_.log.quiet(shard_)) {
    phase_ = phase::surveying;
    survey(log_index{});
  }
  if (phase_ != phase::asking) return;
  const auto now_ms = around_.host.now_ms();
  if (now_ms >= ask_at_ms_) {
    ++turn_;
    ask();
  }
  if (now_ms < tell_at_ms_) return;
  tell_at_ms_ = now_ms + between_words_ms;
  around_.tell(name() + " waits for a node that has sound batches in the place of its rotten ones; if the others are lost, "
                                 "restore a backup, and if only this node can't be mended, replace it");
}

// --- What is rotten ------------------------------------------------------------------------------------------------

void log_mender::survey(log_index from) {
  around_.host.in_background([this, from, alive = std::weak_ptr(alive_), &log = around_.log, &host = around_.host, shard = shard_] {
    auto page = std::make_shared<result<storage::log_survey>>(log.survey(shard, from, survey_page_bytes));
    host.post([this, page, alive] {
      if (!alive.expired()) on_surveyed(std::move(*page));
    });
  });
}

void log_mender::on_surveyed(result<storage::log_survey> page) {
  if (!page) return end(failure(page.error()));
  std::ranges::copy(page->rotten, std::back_inserter(rotten_));
  if (!page->at_end) return survey(page->next);
  look_at_holes();
}

void log_mender::look_at_holes() {
  const auto last = around_.log.bounds(shard_).last;
  committed_ = std::min(committed_, last);
  if (rotten_.empty()) {
    if (!around_.log.bounds(shard_).sound) return put({}, last);
    return end(0);
  }
  around_.tell(name() + ": " + std::to_string(rotten_.size()) + " batches do not check out, the first is " +
               std::to_string(rotten_.front().value) + "; they are fetched from other nodes");
  if (mutated(mutation::rotten_log_cut_off)) {
    const auto cut = around_.log.truncate_suffix(shard_, rotten_.front());
    return end(cut.map([this] { return std::uint64_t{rotten_.size()}; }));
  }
  for (const auto index : rotten_) {
    if (index > committed_) {
      tail_.push_back({committed_.next(), last});
      break;
    }
    if (!holes_.empty() && holes_.back().through.next() == index)
      holes_.back().through = index;
    else
      holes_.push_back({index, index});
  }
  phase_ = phase::asking;
  turn_ = around_.host.random_below(std::max<std::size_t>(around_.others().size(), 1));
  ask();
}

// --- What others have ----------------------------------------------------------------------------------------------

void log_mender::ask() {
  ask_at_ms_ = around_.host.now_ms() + ask_again_after_ms;
  const auto others = around_.others();
  if (others.empty()) return;
  const auto wanted = holes_.empty() ? hole{log_index{tail_.front().from.value + gathered_.size()}, tail_.front().through} : holes_.front();
  around_.peers.send({shard_.value, self_.value, others[turn_ % others.size()].value,
                      mend_request{wanted.from.value, wanted.through.value, session_}});
}

void log_mender::receive(const mend_answer& what) {
  // What a server said before, while this one still took part, may be out of date: that its log ends there, above all.
  if (phase_ != phase::asking || what.session != session_) return;
  if (holes_.empty())
    take_tail(what);
  else
    take_committed(what);
}

std::vector<log_entry> log_mender::sound_entries(const mend_answer& what, hole of) const {
  std::vector<log_entry> sound;
  if (what.from != of.from.value) return sound;
  for (const auto& data : what.entries) {
    const auto one = open_entry(std::make_shared<const bytes>(data));
    if (!one || one->index.value != of.from.value + sound.size() || one->index > of.through || one->index.value > what.committed) break;
    sound.push_back({one->index, data});
  }
  return sound;
}

void log_mender::take_committed(const mend_answer& what) {
  auto sound = sound_entries(what, holes_.front());
  if (sound.empty()) return;
  const auto through = sound.back().index;
  if (through == holes_.front().through)
    holes_.pop_front();
  else
    holes_.front().from = through.next();
  put(std::move(sound), around_.log.bounds(shard_).last);
}

void log_mender::take_tail(const mend_answer& what) {
  const auto& tail = tail_.front();
  auto sound = sound_entries(what, {log_index{tail.from.value + gathered_.size()}, tail.through});
  for (auto& one : sound) {
    gathered_bytes_ += one.data.size();
    gathered_.push_back(std::move(one));
  }
  if (gathered_bytes_ > tail_bytes_max)
    return end(failure(error_kind::internal, "tail_too_long",
                       name() + " has too much that is not known to be committed, and rotten: replace this node"));
  const log_index through{tail.from.value + gathered_.size() - 1};
  if (through < tail.through) {
    const auto hard = around_.log.read_hard_state(shard_);
    if (!hard) return end(failure(hard.error()));
    const bool leader_has_no_more = what.leads && what.term >= hard->term.value && what.committed == what.last && through.value == what.committed;
    if (!leader_has_no_more) {
      if (!sound.empty()) ask();
      return;
    }
  }
  tail_.clear();
  put(std::exchange(gathered_, {}), through);
}

void log_mender::put(std::vector<log_entry> batches, log_index last) {
  mended_ += batches.size();
  if (auto written = around_.log.mend(shard_, std::move(batches), last); !written) return end(failure(written.error()));
  go_on();
}

void log_mender::go_on() {
  if (holes_.empty() && tail_.empty()) return end(mended_);
  ask();
}

std::string log_mender::name() const { return "shard " + std::to_string(shard_.value); }

void log_mender::end(result<std::uint64_t> outcome) {
  phase_ = phase::done;
  around_.done(std::move(outcome));
}

mend_answer answer_mend(storage::journal& log, storage::shard_id shard, const mend_request& what, mend_answer answer) {
  answer.from = what.from;
  answer.session = what.session;
  const auto through = std::min(what.through, answer.committed);
  if (what.from == 0 || what.from > through) return answer;
  auto page = log.read(shard, log_index{what.from}, answer_bytes_max);
  // Something further on may be rotten here too.
  if (!page) page = log.read(shard, log_index{what.from}, 1);
  if (!page) return answer;
  for (auto& one : *page)
    if (one.index.value <= through) answer.entries.push_back(std::move(one.data));
  return answer;
}

}  // namespace bv::replication
