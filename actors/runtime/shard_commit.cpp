// The half of the shard that runs when the journal reports: what is committed takes effect.
#include <utility>

#include "actors/runtime/shard.hpp"
#include "protocols/schema/base/assert.hpp"
#include "protocols/schema/base/mutation.hpp"

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
  if (failed_) return;
  for (auto& batch : pipeline_.take_committed(index)) commit(batch);
  if (!pipeline_.open_is_empty()) pipeline_.seal(around_.time.now());
  stop_if_idle();
}

void shard::commit(pipelined_batch& batch) {
  std::vector<storage::entity_update> updates;
  updates.reserve(batch.touched.size());
  for (auto& touched : batch.touched)
    updates.push_back({.entity = touched.who->key,
                       .version = touched.version,
                       .index = batch.written.index,
                       .wake_before = touched.wake_before,
                       .wake_after = touched.wake_after,
                       .taken = std::move(touched.taken)});
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
  for (auto& batch : pipeline_.take_all()) fail(batch, why);
  // Their state holds what was never committed; what is on disk is recovered at the next view.
  live_.clear();
  around_.measured.entities_live.set(0);
  stop_if_idle();
}

void shard::fail(pipelined_batch& batch, const error& why) {
  for (auto& waiting : batch.receipts)
    if (waiting.handler) reply(waiting.handler, failure(why), waiting.admitted);
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
