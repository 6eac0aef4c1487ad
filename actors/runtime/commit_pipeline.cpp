#include "actors/runtime/commit_pipeline.hpp"

#include <utility>

#include "protocols/schema/base/assert.hpp"
#include "protocols/schema/base/mutation.hpp"

namespace bv::runtime {
namespace {

/// A single node leads every shard for ever.
constexpr storage::term_number first_term{1};

}  // namespace

commit_pipeline::commit_pipeline(storage::journal& log, storage::shard_id shard, const limits& bounds,
                                 shard_metrics& measured)
    : log_(log),
      shard_(shard),
      bounds_(bounds),
      measured_(measured),
      committed_(log.bounds(shard).last),
      next_offset_(log.bounds(shard).last_offset.next()),
      open_(next_open()) {}

commit_pipeline::open_batch commit_pipeline::next_open() const {
  const storage::log_index index{committed_.value + in_flight_.size() + 1};
  return {storage::batch_builder(index, next_offset_), pipelined_batch{.written = {.index = index, .first_offset = next_offset_, .data = {}}}};
}

storage::log_index commit_pipeline::add(entity& who, storage::record_view record,
                                        std::span<const storage::event_view> events) {
  const auto index = open_.waiting.written.index;
  record.previous = who.last;
  record.event_count = static_cast<std::uint32_t>(events.size());
  if (open_.builder.empty() || !mutated(mutation::log_wake_up_lost))
    for (const auto& event : events) open_.waiting.written.kinds.add(who.type_tag, event.ordinal);
  if (who.touched_in != index) {
    who.touched_in = index;
    who.touch_slot = open_.waiting.touched.size();
    open_.waiting.touched.push_back({.who = &who, .wake_before = record.wake_before});
  }
  auto& touched = open_.waiting.touched[who.touch_slot];
  touched.version = record.version;
  touched.wake_after = record.wake_after;
  ++touched.records;
  if (mutated(mutation::event_and_timer_not_atomic)) record.wake_after = {};
  open_.builder.add(record, events);
  who.last = index;
  ++who.uncommitted;
  return index;
}

void commit_pipeline::attach_snapshot(const entity& who, bytes data) {
  BV_ASSERT(who.touched_in == open_.waiting.written.index, "a snapshot was taken of an entity without a record");
  open_.waiting.touched[who.touch_slot].taken =
      storage::snapshot{.version = who.version, .index = open_.waiting.written.index, .data = std::move(data)};
}

pipelined_batch& commit_pipeline::batch_at(storage::log_index index) {
  BV_ASSERT(index > committed_ && index <= open_.waiting.written.index, "nothing is under way at this index");
  const auto place = index.value - committed_.value - 1;
  return place < in_flight_.size() ? in_flight_[place] : open_.waiting;
}

void commit_pipeline::withhold(storage::log_index index, withheld_receipt answer) {
  batch_at(index).receipts.push_back(std::move(answer));
}

void commit_pipeline::withhold(storage::log_index index, withheld_view answer) {
  batch_at(index).views.push_back(std::move(answer));
}

bool commit_pipeline::open_is_full() const {
  return open_.builder.size_bytes() >= bounds_.batch_size_bytes_max;
}

bool commit_pipeline::may_seal() const { return in_flight_.size() < bounds_.batches_in_flight_max; }

void commit_pipeline::seal(timestamp now) {
  if (open_is_empty()) return;
  measured_.batch_records.observe(open_.builder.record_count());
  measured_.batch_bytes.observe(open_.builder.size_bytes());
  next_offset_ = open_.builder.next_offset();
  auto& written = open_.waiting.written;
  const auto index = written.index;
  auto data = std::make_shared<const bytes>(std::move(open_.builder).finish(first_term, now));
  written.last_offset = storage::event_offset{next_offset_.value - 1};
  written.data = data;
  in_flight_.push_back(std::move(open_.waiting));
  open_ = next_open();
  log_.append(shard_, index, std::move(data));
}

std::vector<pipelined_batch> commit_pipeline::take_committed(storage::log_index index) {
  std::vector<pipelined_batch> taken;
  if (mutated(mutation::acknowledge_all_in_flight)) index = open_.waiting.written.index;
  while (!in_flight_.empty() && in_flight_.front().written.index <= index) {
    taken.push_back(std::move(in_flight_.front()));
    in_flight_.pop_front();
    committed_ = taken.back().written.index;
  }
  return taken;
}

std::vector<pipelined_batch> commit_pipeline::take_all() {
  std::vector<pipelined_batch> taken(std::make_move_iterator(in_flight_.begin()),
                                     std::make_move_iterator(in_flight_.end()));
  in_flight_.clear();
  taken.push_back(std::move(open_.waiting));
  open_ = next_open();
  return taken;
}

void commit_pipeline::for_each(const std::function<void(pipelined_batch&)>& visit) {
  for (auto& batch : in_flight_) visit(batch);
  visit(open_.waiting);
}

}  // namespace bv::runtime
