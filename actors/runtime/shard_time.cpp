// The half of the shard that runs when time passes: wake-ups, deadlines, passivation.
#include <algorithm>

#include "actors/runtime/shard.hpp"
#include "protocols/schema/base/mutation.hpp"

namespace bv::runtime {

result<void> shard::start() {
  ++tenure_;
  not_serving_.reset();
  pipeline_.resume();
  around_.committed.on_led(id_, true);
  BV_TRY(wakes_.refill(around_.time.now()));
  around_.host.post([this] { wake_due(); });
  return {};
}

/// A shard with nothing in memory has nothing that could time out or leave it: it then rests.
void shard::keep_ticking() {
  if (ticking_ || live_.size() == 0) return;
  ticking_ = true;
  around_.host.post_after(tick_interval, [this] { tick(); });
}

void shard::tick() {
  ticking_ = false;
  const auto now = around_.time.now();
  time_out_withheld(now);
  passivate_idle(now);
  keep_ticking();
}

void shard::wake_due() {
  wake_scheduled_ = {};
  if (stopping_ || failed_ || not_serving_) return;
  const auto now = around_.time.now();
  if (wakes_.next() <= now)
    if (auto read = wakes_.refill(now); !read)
      around_.notes({note_level::error, "wake-ups can't be read: " + describe(read.error())});
  for (std::size_t i = 0; i < wake_ups_per_turn_max; ++i) {
    const auto who = wakes_.pop_due(now);
    if (!who) break;
    if (auto* live = live_.find(*who)) {
      check_wake(*live);
    } else if (type_of(*who)) {
      stash(*who, wake_check{});
    } else {
      around_.notes({note_level::warning, "a wake-up is due for a type that this node does not know", who->text()});
    }
  }
  schedule_wake();
}

void shard::schedule_wake() {
  const auto next = wakes_.next();
  if (wake_scheduled_ != timestamp{} && wake_scheduled_ <= next) return;
  wake_scheduled_ = next;
  const auto delay = std::max(next - around_.time.now(), duration::zero());
  around_.host.post_after(delay, [this, next] {
    if (wake_scheduled_ == next) wake_due();
  });
}

void shard::check_wake(entity& who) {
  // What is being written may change the wish: look again in a moment.
  const auto now = around_.time.now();
  if (who.uncommitted > 0 && mutated(mutation::busy_entity_not_woken)) return;
  if (who.uncommitted > 0) return wakes_.arm(now + wake_retry, who.key);
  const auto wish = who.type->wake_at(*who.state);
  if (wish != timestamp{} && wish <= now) {
    around_.measured.wake_ups.add();
    const auto key = who.key;
    around_.measured.in_flight.add(1);
    execute(who, {.request = {.entity = key,
                              .command = who.type->wake_command(*who.state),
                              .command_id = {},
                              .from = {},
                              .deadline = now + around_.bounds.default_deadline,
                              .expected_version = {}},
                  .answer =
                      [this, key](result<receipt> answer) {
                        if (!answer && answer.error().kind != error_kind::unavailable)
                          around_.notes({note_level::error, "a wake-up was refused: " + describe(answer.error()),
                                         key.text()});
                      },
                  .admitted = now});
    if (auto* still = live_.find(key); still && still->uncommitted == 0)
      wakes_.arm(now + refused_wake_retry, key);  // nothing was decided: don't spin
    return;
  }
  if (wish != timestamp{} && !mutated(mutation::early_wake_up_forgotten)) wakes_.arm(wish, who.key);
  if (who.type->active(*who.state)) return;
  if (wish != who.wake_registered && (who.wake_registered <= now || wish == timestamp{})) move_wake(who, wish);
}

/// Corrects the timers index where a lazily kept registration has come too early. Not journaled: if
/// it is lost the same needless wake-up comes again.
void shard::move_wake(entity& who, timestamp wake) {
  storage::entity_update update{.entity = who.key,
                                .version = who.version,
                                .index = who.last,
                                .wake_before = who.wake_registered,
                                .wake_after = wake,
                                .taken = {}};
  who.wake_registered = wake;
  std::vector<storage::entity_update> updates;
  updates.push_back(std::move(update));
  around_.store.derived->apply(id_, pipeline_.committed_index(), std::move(updates));
}

void shard::passivate_idle(timestamp now) {
  const auto too_many = [&] {
    return live_.size() > around_.bounds.live_entities_per_shard_max && !mutated(mutation::live_entities_unbounded);
  };
  auto next = live_.by_use().begin();
  // Entities that may not go yet stay at the front: look past a few of them, not past all.
  std::size_t kept = 0;
  constexpr std::size_t kept_max = 64;
  while (next != live_.by_use().end() && kept < kept_max) {
    entity& candidate = **next++;
    if (!too_many() && now - candidate.used_at < around_.bounds.idle_before_passivation) break;
    const bool active = candidate.type->active(*candidate.state) && !mutated(mutation::running_saga_passivated);
    if (candidate.uncommitted > 0 || active)
      ++kept;
    else
      passivate(candidate);
  }
  around_.measured.entities_live.set(static_cast<std::int64_t>(live_.size()));
}

void shard::passivate(entity& gone) {
  if (gone.events_since_snapshot >= around_.bounds.events_before_passivation_snapshot) {
    storage::entity_update update{.entity = gone.key,
                                  .version = gone.version,
                                  .index = gone.last,
                                  .wake_before = gone.wake_registered,
                                  .wake_after = gone.wake_registered,
                                  .taken = storage::snapshot{.version = gone.version,
                                                             .index = gone.last,
                                                             .data = encode_snapshot(gone)}};
    if (mutated(mutation::snapshot_off_by_one)) --update.taken->version;
    if (mutated(mutation::passivation_drops_timer)) update.wake_after = {};
    std::vector<storage::entity_update> updates;
    updates.push_back(std::move(update));
    around_.store.derived->apply(id_, pipeline_.committed_index(), std::move(updates));
    around_.measured.snapshots_taken.add();
  }
  live_.erase(gone);
  around_.measured.entities_passivated.add();
}

}  // namespace bv::runtime
