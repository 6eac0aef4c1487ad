#pragma once

#include <memory>

#include "actors/runtime/clock.hpp"
#include "sagas/engine/timer.hpp"
#include "sim/plan/plan.hpp"
#include "sim/world/event_heap.hpp"

namespace bv::sim {

/// A node's wall clock: the world's time with an error that may change. One thread.
class node_clock final : public runtime::clock {
 public:
  explicit node_clock(const event_heap& world) : world_(world), since_(world.now()) {}

  timestamp now() const override;
  /// The clock is set: it may step.
  void set(const clock_setting& to);

 private:
  const event_heap& world_;
  clock_setting setting_;
  timestamp since_;  ///< when it was set; drift counts from there
};

/// Timers of services, on the world's time. What was not due when it is destroyed never comes.
class virtual_timer final : public sagas::timer {
 public:
  explicit virtual_timer(event_heap& world) : world_(world), alive_(std::make_shared<bool>(true)) {}

  void after(duration delay, std::function<void()> action) override;

 private:
  event_heap& world_;
  std::shared_ptr<bool> alive_;
};

}  // namespace bv::sim
