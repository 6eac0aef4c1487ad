#include "sim/world/virtual_time.hpp"

#include <utility>

namespace bv::sim {

timestamp node_clock::now() const {
  const auto world = world_.now();
  // In microseconds: years of nanoseconds times parts per million would not fit.
  const auto drifted_us = (world - since_).count() / 1000 * setting_.drift_ppm / 1'000'000;
  return world + setting_.ahead_by + duration{drifted_us * 1000};
}

void node_clock::set(const clock_setting& to) {
  setting_ = to;
  since_ = world_.now();
}

void virtual_timer::after(duration delay, std::function<void()> action) {
  world_.after(delay, [alive = std::weak_ptr(alive_), action = std::move(action)] {
    if (!alive.expired()) action();
  });
}

}  // namespace bv::sim
