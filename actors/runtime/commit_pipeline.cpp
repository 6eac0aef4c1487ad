#include "actors/runtime/commit_pipeline.hpp"

#include <algorithm>
#include <utility>

#include "protocols/schema/base/assert.hpp"
#include "protocols/schema/base/mutation.hpp"

namespace bv::runtime {

commit_pipeline::open_batch::open_batch(const log_place& at)
    : builder(at.index, at.first_offset),
      waiting{.written = {.index = at.index, .first_offset = at.first_offset, .data = {}}},
      term(at.term) {}

commit_pipeline::commit_pipeline(shard_log& log, const limits& bounds, shard_metrics& measured)
    : log_(log), bounds_(bounds), measured_(measured), committed_(log.committed()) {}

void commit_pipeline::resume() {
  BV_ASSERT(idle(), "what is under way belongs to an earlier tenure");
  committed_ = log_.committed();
}

commit_pipeline::open_batch& commit_pipeline::opened() {
  return open_ ? *open_ : open_.emplace(log_.next());
}

storage::log_index commit_pipeline::add(entity& who, storage::record_view record,
                                        std::span<const storage::event_view> events) {
  auto& [builder, waiting, term] = opened();
  const auto index = waiting.written.index;
  record.previous = who.last;
  record.event_count = static_cast<std::uint32_t>(events.size());
  if (builder.empty() || !mutated(mutation::log_wake_up_lost))
    for (const auto& event : events) waiting.written.kinds.add(who.type_tag, event.ordinal);
  if (who.touched_in != index) {
    who.touched_in = index;
    who.touch_slot = waiting.touched.size();
    waiting.touched.push_back({.who = &who, .wake_before = record.wake_before});
  }
  auto& touched = waiting.touched[who.touch_slot];
  touched.version = record.version;
  touched.wake_after = record.wake_after;
  ++touched.records;
  if (mutated(mutation::event_and_timer_not_atomic)) record.wake_after = {};
  builder.add(record, events);
  who.last = index;
  ++who.uncommitted;
  return index;
}

void commit_pipeline::attach_snapshot(const entity& who, bytes data) {
  BV_ASSERT(open_ && who.touched_in == open_->waiting.written.index, "a snapshot was taken of an entity without a record");
  open_->waiting.touched[who.touch_slot].taken =
      storage::snapshot{.version = who.version, .index = open_->waiting.written.index, .data = std::move(data)};
}

pipelined_batch& commit_pipeline::batch_at(storage::log_index index) {
  if (open_ && open_->waiting.written.index == index) return open_->waiting;
  const auto found = std::ranges::lower_bound(in_flight_, index, {}, [](const auto& one) { return one.written.index; });
  BV_ASSERT(found != in_flight_.end() && found->written.index == index, "nothing is under way at this index");
  return *found;
}

void commit_pipeline::withhold(storage::log_index index, withheld_receipt answer) {
  batch_at(index).receipts.push_back(std::move(answer));
}

void commit_pipeline::withhold(storage::log_index index, withheld_view answer) {
  batch_at(index).views.push_back(std::move(answer));
}

bool commit_pipeline::open_is_full() const { return open_ && open_->builder.size_bytes() >= bounds_.batch_size_bytes_max; }

bool commit_pipeline::may_seal() const { return in_flight_.size() < bounds_.batches_in_flight_max; }

void commit_pipeline::seal(timestamp now) {
  if (!open_) return;
  auto [builder, waiting, term] = std::move(*open_);
  open_.reset();
  measured_.batch_records.observe(builder.record_count());
  measured_.batch_bytes.observe(builder.size_bytes());
  const auto next_offset = builder.next_offset();
  auto data = std::make_shared<const bytes>(std::move(builder).finish(term, now));
  waiting.written.last_offset = storage::event_offset{next_offset.value - 1};
  waiting.written.data = data;
  in_flight_.push_back(std::move(waiting));
  log_.append(std::move(data), next_offset);
}

std::vector<pipelined_batch> commit_pipeline::take_committed(storage::log_index index) {
  std::vector<pipelined_batch> taken;
  if (mutated(mutation::acknowledge_all_in_flight) && !in_flight_.empty()) index = in_flight_.back().written.index;
  while (!in_flight_.empty() && in_flight_.front().written.index <= index) {
    taken.push_back(std::move(in_flight_.front()));
    in_flight_.pop_front();
  }
  committed_ = std::max(committed_, index);
  return taken;
}

std::vector<pipelined_batch> commit_pipeline::take_all() {
  std::vector<pipelined_batch> taken(std::make_move_iterator(in_flight_.begin()),
                                     std::make_move_iterator(in_flight_.end()));
  in_flight_.clear();
  if (open_) taken.push_back(std::move(open_->waiting));
  open_.reset();
  return taken;
}

void commit_pipeline::for_each(const std::function<void(pipelined_batch&)>& visit) {
  for (auto& batch : in_flight_) visit(batch);
  if (open_) visit(open_->waiting);
}

}  // namespace bv::runtime
