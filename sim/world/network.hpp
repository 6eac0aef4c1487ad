#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "actors/runtime/random.hpp"
#include "sim/plan/plan.hpp"
#include "sim/trace/trace.hpp"
#include "sim/world/event_heap.hpp"

namespace bv::sim {

/// Messages between the ends of links, which are named: "clients", "n1", "processor". They come after a delay that is
/// drawn for each, so they overtake each other; they may be lost or come twice. One thread.
class network {
 public:
  network(event_heap& time, trace& log, std::uint64_t seed, link_conditions usual);

  /// Calls `arrive` when the message comes: never, once or twice. `what` is for the trace.
  void send(const std::string& from, const std::string& to, const std::string& what, std::function<void()> arrive);

  /// As send(), over one connection: in order and once; what is lost on the way is sent again, and holds up what comes
  /// behind it. Only a cut loses it. `last_arrives` is the connection's own, and moves.
  void stream(const std::string& from, const std::string& to, timestamp& last_arrives, std::function<void()> arrive);

  /// What messages from `from` to `to` meet from now on.
  void set(const std::string& from, const std::string& to, const link_conditions& now);
  void reset(const std::string& from, const std::string& to) { links_.erase({from, to}); }
  /// All links are as they usually are.
  void heal();

 private:
  [[nodiscard]] const link_conditions& between(const std::string& from, const std::string& to) const;
  [[nodiscard]] bool happens(std::uint32_t percent) { return percent > 0 && lots_.below(100) < percent; }

  event_heap& time_;
  trace& log_;
  runtime::random_source lots_;
  const link_conditions usual_;
  std::map<std::pair<std::string, std::string>, link_conditions> links_;
};

/// A delay of the span, drawn.
duration draw(const span& from, runtime::random_source& lots);

}  // namespace bv::sim
