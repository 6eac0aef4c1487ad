// The half of the shard that runs when the journal reports: what is committed takes effect.
#include <algorithm>
#include <utility>

#include "actors/runtime/shard.hpp"
#include "protocols/schema/base/assert.hpp"
#include "protocols/schema/base/mutation.hpp"
#include "storage/log_rules.hpp"
#include "storage/replay.hpp"

namespace bv::runtime {

void shard::seal_when_idle() {
  if (pipeline_.open_is_full() && pipeline_.may_seal()) return pipeline_.seal(around_.time.now());
  if (seal_posted_) return;
  seal_posted_ = true;
  // Comes after everything that is in the mailbox now: the batch takes all of it along.
  around_.host.post([this] {
    seal_posted_ = false;
    if (!failed_ && pipeline_.may_seal()) pipeline_.seal(around_.time.now());
  });
}

void shard::on_durable(storage::log_index index) {
  if (failed_ || not_serving_) return;
  for (auto& batch : pipeline_.take_committed(index)) commit(batch);
  if (!pipeline_.open_is_empty()) pipeline_.seal(around_.time.now());
  stop_if_idle();
}

void shard::commit(pipelined_batch& batch) {
  std::vector<storage::entity_update> updates;
  updates.reserve(batch.touched.size());
  for (auto& touched : batch.touched) {
    if (touched.taken) around_.log.on_snapshot(touched.who->key, *touched.taken);
    updates.push_back({.entity = touched.who->key,
                       .version = touched.version,
                       .index = batch.written.index,
                       .wake_before = touched.wake_before,
                       .wake_after = touched.wake_after,
                       .taken = std::move(touched.taken)});
  }
  around_.store.derived->apply(id_, batch.written.index, std::move(updates));
  around_.committed.on_committed(id_, std::move(batch.written));

  for (auto& waiting : batch.receipts)
    if (waiting.handler) reply(waiting.handler, std::move(waiting.answer), waiting.admitted);
  for (auto& waiting : batch.views)
    if (waiting.handler) reply(waiting.handler, std::move(waiting.answer), waiting.admitted);

  for (const auto& touched : batch.touched) {
    touched.who->uncommitted -= touched.records;
    if (touched.wake_after != touched.wake_before && touched.wake_after > timestamp{1})
      wakes_.arm(touched.wake_after, touched.who->key);
    if (touched.who->uncommitted == 0) tell_companion(*touched.who);
  }
  schedule_wake();
}

void shard::tell_companion(entity& who) {
  if (!who.acting && !who.services) {
    who.services = make_services();
    who.acting = who.type->make_companion(who.key, *who.services);
  }
  if (who.acting) who.acting->committed(*who.state, who.version);
}

void shard::on_failed(const error& why) {
  if (failed_) return;
  failed_ = why;
  around_.notes({note_level::error, "shard " + std::to_string(id_.value) + " refuses writes: " + describe(why)});
  drop_uncommitted(why);  // what is on disk is recovered at the next view
  stop_if_idle();
}

/// And all entities: their state holds what may never be committed.
void shard::drop_uncommitted(const error& why) {
  for (auto& batch : pipeline_.take_all()) fail(batch, why);
  if (mutated(mutation::step_down_keeps_entities)) return;
  live_.clear();
  around_.measured.entities_live.set(0);
}

void shard::step_down(const error& why) {
  not_serving_ = why;
  ++tenure_;
  around_.committed.on_led(id_, false);
  drop_uncommitted(why);
  if (!mutated(mutation::new_leader_has_no_timers)) wakes_.clear();
  std::vector<entity_key> waiting;
  for (const auto& [who, _] : recovering_) waiting.push_back(who);
  std::ranges::sort(waiting);  // so that the same run has the same answers
  for (const auto& who : waiting) {
    auto requests = recovering_.extract(who);
    for (auto& request : requests.mapped()) refuse(request, why);
  }
  stop_if_idle();
}

result<void> shard::begin_after(storage::log_index through) {
  storage::event_offset end;
  if (through.value > 0) {
    BV_ASSIGN(const auto page, around_.store.log->read(id_, through, 1));
    if (page.empty()) return storage::missing_batch(id_, through);
    BV_ASSIGN(const auto last, storage::batch_reader::open(page.front().data));
    end = storage::event_offset{last.first_offset().value + last.event_count() - 1};
  }
  around_.committed.on_begun(id_, end);
  return {};
}

result<void> shard::take_in(storage::log_index index, shared_bytes batch, taken_snapshots snapshots) {
  std::vector<storage::entity_update> updates;
  committed_batch written{.index = index, .first_offset = {}, .last_offset = {}, .data = batch, .kinds = {}};
  BV_ASSIGN(const auto head, storage::batch_reader::open(*batch));
  written.first_offset = head.first_offset();
  written.last_offset = storage::event_offset{head.first_offset().value + head.event_count() - 1};
  BV_TRY(storage::for_each_update(id_, index, *batch, [&](const auto&, auto events, storage::entity_update one) {
    const auto tag = event_kinds::tag_of(one.entity.type());
    for (const auto& event : events) written.kinds.add(tag, event.ordinal);
    const auto taken = snapshots.find(one.entity);
    if (taken != snapshots.end() && taken->second.version <= one.version) one.taken = std::move(snapshots.extract(taken).mapped());
    updates.push_back(std::move(one));
  }));
  around_.store.derived->apply(id_, index, std::move(updates));
  around_.committed.on_committed(id_, std::move(written));
  return {};
}

void shard::fail(pipelined_batch& batch, const error& why) {
  const bool as_done = not_serving_ && mutated(mutation::deposed_leader_acknowledges);
  for (auto& waiting : batch.receipts)
    if (waiting.handler) reply(waiting.handler, as_done ? std::move(waiting.answer) : result<receipt>(failure(why)), waiting.admitted);
  for (auto& waiting : batch.views)
    if (waiting.handler) reply(waiting.handler, failure(why), waiting.admitted);
}

void shard::time_out_withheld(timestamp now) {
  const error late{mutated(mutation::late_answer_is_refusal) ? error_kind::conflict : error_kind::timeout,
                   "deadline_passed",
                   "not written inside the deadline; asking again with the same command id is safe"};
  pipeline_.for_each([&](pipelined_batch& batch) {
    for (auto& waiting : batch.receipts)
      if (waiting.handler && waiting.deadline <= now) {
        around_.measured.commands_timed_out.add();
        reply(std::exchange(waiting.handler, nullptr), failure(late), waiting.admitted);
      }
    for (auto& waiting : batch.views)
      if (waiting.handler && waiting.deadline <= now)
        reply(std::exchange(waiting.handler, nullptr), failure(late), waiting.admitted);
  });
}

}  // namespace bv::runtime
