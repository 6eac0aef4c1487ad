#include "actors/runtime/delayed_actions.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace bv::runtime {

bool delayed_actions::later(const entry& a, const entry& b) {
  return std::tie(a.due, a.number) > std::tie(b.due, b.number);
}

void delayed_actions::add(timestamp due, std::function<void()> action) {
  heap_.push_back({due, next_number_++, std::move(action)});
  std::ranges::push_heap(heap_, later);
}

std::optional<timestamp> delayed_actions::next() const {
  return heap_.empty() ? std::nullopt : std::optional(heap_.front().due);
}

void delayed_actions::run(timestamp now) {
  const auto before = next_number_;
  while (!heap_.empty() && heap_.front().due <= now && heap_.front().number < before) {
    std::ranges::pop_heap(heap_, later);
    const auto action = std::move(heap_.back().action);
    heap_.pop_back();
    action();
  }
}

}  // namespace bv::runtime
