#pragma once

#include <utility>

#include "sim/plan/plan.hpp"

/// When faults strike, in short.
namespace bv::sim::testing {

inline trigger at(duration time) { return {.at = time}; }
inline trigger on_event(trigger::event_match what, duration then_after = {}) {
  return {.on_event = std::move(what), .then_after = then_after};
}
inline trigger on_write(std::uint64_t number, trigger::write_moment moment = trigger::write_moment::before) {
  return {.on_write = trigger::journal_write{number, moment}};
}

}  // namespace bv::sim::testing
