#include "sim/world/event_heap.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "protocols/schema/base/assert.hpp"

namespace bv::sim {

bool event_heap::later(const entry& a, const entry& b) {
  return std::tie(a.due, a.number) > std::tie(b.due, b.number);
}

void event_heap::at(timestamp due, std::function<void()> action) {
  heap_.push_back({std::max(due, now_), said_++, std::move(action)});
  std::ranges::push_heap(heap_, later);
}

std::optional<timestamp> event_heap::next() const {
  return heap_.empty() ? std::nullopt : std::optional(heap_.front().due);
}

void event_heap::pass_to(timestamp to) {
  BV_ASSERT(to >= now_ && (heap_.empty() || heap_.front().due >= to), "time passes what is due");
  now_ = to;
}

bool event_heap::run_one() {
  if (heap_.empty() || heap_.front().due > now_) return false;
  std::ranges::pop_heap(heap_, later);
  const auto action = std::move(heap_.back().action);
  heap_.pop_back();
  ++done_;
  action();
  return true;
}

}  // namespace bv::sim
