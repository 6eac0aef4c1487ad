#include "sim/record/outage.hpp"

#include <algorithm>

#include "sim/record/story.hpp"

namespace bv::sim {
namespace {

using namespace std::chrono_literals;
namespace run = sagas::run;

constexpr duration late = 2s;           ///< sooner may be a busy node
constexpr duration still_there = 100ms; ///< what was decided is on the disk, and told, by then
constexpr duration coming_back = 50ms;  ///< a replayed node's start

/// The last thing that any entity of the story did before a moment.
timestamp last_before(const story& of, timestamp moment) {
  timestamp last = of.begin;
  const auto see = [&](const auto& events) {
    for (const auto& one : events)
      if (one.at < moment) last = std::max(last, one.at);
  };
  see(of.basket);
  see(of.order_events);
  see(of.payment_events);
  for (const auto& one : of.sagas) see(one.events);
  for (const auto& one : of.shelves) see(one.events);
  return last;
}

}  // namespace

std::optional<fault> infer_outage(const story& of) {
  for (const auto& saga : of.sagas)
    for (const auto& one : saga.events) {
      const auto* began = std::get_if<run::compensation_began>(&one.what);
      if (!began || began->cause != run::cause::deadline || one.at - saga.end.deadline_at < late) continue;
      const auto gone = std::min(last_before(of, one.at) + still_there, saga.end.deadline_at);
      trigger when;
      when.at = rounded(gone - of.begin);
      return fault{std::move(when), 0, crash_fault{rounded(one.at - gone - coming_back), unsynced::lost}};
    }
  return std::nullopt;
}

}  // namespace bv::sim
