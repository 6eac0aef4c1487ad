#include "sagas/engine/circuit_breaker.hpp"

#include <algorithm>

#include "protocols/schema/base/mutation.hpp"

namespace bv::sagas {

circuit_breaker::circuit_breaker(breaker_policy policy, const runtime::clock& time)
    : policy_(policy), time_(time) {
  window_.reserve(policy_.window);
}

void circuit_breaker::move_to(state next) {
  state_ = next;
  ++period_;
  window_.clear();
  next_ = 0;
  probes_begun_ = 0;
  probes_good_ = 0;
  if (next == state::open) {
    ++opened_;
    opened_at_ = time_.now();
  }
}

circuit_breaker::ticket circuit_breaker::try_acquire() {
  const std::scoped_lock lock(mutex_);
  if (state_ == state::open && time_.now() >= opened_at_ + policy_.open_for &&
      !mutated(mutation::breaker_never_half_opens))
    move_to(state::half_open);
  const bool allowed =
      state_ == state::closed || (state_ == state::half_open && probes_begun_ < policy_.probes);
  if (!allowed) ++refused_;
  if (allowed && state_ == state::half_open) ++probes_begun_;
  return {allowed, period_};
}

void circuit_breaker::abandon(ticket of) {
  const std::scoped_lock lock(mutex_);
  if (of.allowed && of.period == period_ && state_ == state::half_open) --probes_begun_;
}

void circuit_breaker::report(ticket of, bool good, duration took) {
  const std::scoped_lock lock(mutex_);
  if (!of.allowed || of.period != period_) return;
  const bool slow = took >= policy_.slow_after;
  if (state_ == state::half_open) {
    if (!good || slow) return move_to(state::open);
    if (++probes_good_ == policy_.probes) move_to(state::closed);
    return;
  }
  if (window_.size() < policy_.window)
    window_.push_back({good, slow});
  else
    window_[next_] = {good, slow};
  next_ = (next_ + 1) % policy_.window;
  if (is_too_bad()) move_to(state::open);
}

bool circuit_breaker::is_too_bad() const {
  if (window_.size() < policy_.calls_min) return false;
  const auto all = static_cast<double>(window_.size());
  const auto failures = static_cast<double>(std::ranges::count(window_, false, &outcome::good));
  const auto slow = static_cast<double>(std::ranges::count(window_, true, &outcome::slow));
  return failures / all >= policy_.failure_share_max || slow / all >= policy_.slow_share_max;
}

circuit_breaker::state circuit_breaker::now() const {
  const std::scoped_lock lock(mutex_);
  return state_;
}

duration circuit_breaker::opens_in() const {
  const std::scoped_lock lock(mutex_);
  if (state_ != state::open) return {};
  return std::max(opened_at_ + policy_.open_for - time_.now(), duration::zero());
}

std::uint64_t circuit_breaker::opened_count() const {
  const std::scoped_lock lock(mutex_);
  return opened_;
}

std::uint64_t circuit_breaker::refused_count() const {
  const std::scoped_lock lock(mutex_);
  return refused_;
}

std::string_view to_string(circuit_breaker::state state) {
  switch (state) {
    case circuit_breaker::state::closed: return "closed";
    case circuit_breaker::state::open: return "open";
    case circuit_breaker::state::half_open: return "half_open";
  }
  return "unknown";
}

}  // namespace bv::sagas
