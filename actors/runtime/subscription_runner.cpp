#include "actors/runtime/subscription_runner.hpp"

#include <algorithm>
#include <utility>

#include "protocols/schema/base/mutation.hpp"

namespace bv::runtime {

subscription_runner::subscription_runner(caf::actor_config& config, std::shared_ptr<event_handler> handler,
                                         const limits& bounds, storage::journal& log_store, event_log& log, gateway& entities,
                                         subscription_metrics& measured, cursor_teller tell, const note_handler& notes)
    : mailed_actor(config),
      handler_(std::move(handler)),
      wanted_(handler_->interests()),
      bounds_(bounds),
      log_store_(log_store),
      log_(log),
      entities_(entities),
      measured_(measured),
      notes_(notes),
      tell_(std::move(tell)) {
}

caf::behavior subscription_runner::make_behavior() {
  for (std::uint16_t i = 0; i < log_.shard_count(); ++i) {
    shards_.push_back({.id = storage::shard_id{i}, .pending = {}});
  }
  waker_.emplace(log_, caf::actor_cast<caf::actor>(this), wanted_, duration::zero(), [this] { step(); });
  return {[](const run_action& mail) { mail.action(); }};
}

void subscription_runner::step() {
  for (auto& shard : shards_)
    if (!step(shard)) return;
}

/// False if the log can't be read now: all is tried again later.
bool subscription_runner::step(followed_shard& of) {
  const auto stepped = read_and_hand_over(of);
  if (stepped) return true;
  notes_({note_level::error,
          "the subscription " + handler_->name() + " can't read the log: " + describe(stepped.error())});
  caf::delayed_anon_send(caf::actor_cast<caf::actor>(this), longest_pause, run_action{[this] { step(); }});
  return false;
}

/// What is in the journal is what this node dealt with, or heard of another that did.
result<void> subscription_runner::take_over(followed_shard& of) {
  BV_ASSIGN(of.cursor, log_store_.read_cursor(handler_->name(), of.id));
  of.read_until = of.told = of.cursor;
  of.pending.clear();
  of.led = true;
  measured_.through[of.id.value] = of.cursor.value;
  return {};
}

result<void> subscription_runner::read_and_hand_over(followed_shard& of) {
  if (!log_.led_here(of.id)) {
    of.led = false;
    of.pending.clear();  // whoever leads now hands it over again
    return {};
  }
  if (!of.led) BV_TRY(take_over(of));
  if (of.pending.size() < window && of.read_until < log_.end(of.id)) {
    BV_ASSIGN(auto page, log_.read(of.id, of.read_until, bounds_.log_page_size_bytes_max, wanted_));
    for (auto& event : page.events) of.pending.push_back({.event = std::move(event)});
    of.read_until = page.through;
    if (!page.at_end) waker_->again();
    if (of.pending.empty()) move_cursor(of);
  }
  // By index: a handler may be done before handle() returns, but that only reaches us as mail.
  for (std::size_t i = 0; i < std::min(window, of.pending.size()); ++i)
    if (!of.pending[i].started) hand_over(of, of.pending[i]);
  return {};
}

void subscription_runner::hand_over(followed_shard& of, pending_event& what) {
  what.started = true;
  const auto self = caf::actor_cast<caf::actor>(this);
  const std::size_t shard = of.id.value;
  const auto offset = what.event.offset;
  handler_->handle(what.event, entities_, [this, self, shard, offset](result<void> outcome) {
    caf::anon_send(self, run_action{[this, shard, offset, outcome] { on_done(shard, offset, outcome); }});
  });
}

subscription_runner::pending_event* subscription_runner::find(followed_shard& in, storage::event_offset offset) {
  const auto found = std::find_if(in.pending.begin(), in.pending.end(),
                                  [&](const pending_event& p) { return p.event.offset == offset; });
  return found == in.pending.end() ? nullptr : &*found;
}

void subscription_runner::on_done(std::size_t shard, storage::event_offset offset, const result<void>& outcome) {
  auto& of = shards_[shard];
  auto* what = find(of, offset);
  if (!what) return;
  if (!outcome && !mutated(mutation::subscription_drops_failed_event)) {
    measured_.retries.add();
    if (what->pause > first_pause)
      notes_({note_level::warning, "the subscription " + handler_->name() + " failed on an event and tries again: " +
                                       describe(outcome.error()),
              what->event.entity.text(), what->event.trace, what->event.correlation});
    const auto pause = std::exchange(what->pause, std::min(what->pause * 2, longest_pause));
    caf::delayed_anon_send(caf::actor_cast<caf::actor>(this), pause, run_action{[this, shard, offset] {
                             if (auto* again = find(shards_[shard], offset)) hand_over(shards_[shard], *again);
                           }});
    return;
  }
  what->done = true;
  move_cursor(of);
  step(of);
}

void subscription_runner::move_cursor(followed_shard& of) {
  if (!of.led) return;
  const auto before = of.cursor;
  while (!of.pending.empty() && of.pending.front().done) {
    of.cursor = of.pending.front().event.offset;
    of.pending.pop_front();
  }
  if (of.pending.empty() || mutated(mutation::subscription_skips_unfinished)) of.cursor = of.read_until;
  if (of.cursor == before) return;
  measured_.through[of.id.value] = of.cursor.value;
  log_store_.write_cursor(handler_->name(), of.id, of.cursor);
  if (tell_) tell_later();
}

void subscription_runner::tell_later() {
  if (std::exchange(telling_, true)) return;
  caf::delayed_anon_send(caf::actor_cast<caf::actor>(this), between_tellings, run_action{[this] {
                           telling_ = false;
                           tell_cursors();
                         }});
}

void subscription_runner::tell_cursors() {
  for (auto& one : shards_) {
    if (!one.led || one.cursor == one.told) continue;
    one.told = one.cursor;
    tell_(one.id, handler_->name(), one.cursor);
  }
}

}  // namespace bv::runtime
