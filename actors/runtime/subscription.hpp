#pragma once

#include <functional>
#include <string>
#include <vector>

#include "actors/runtime/event_log.hpp"
#include "actors/runtime/gateway.hpp"
#include "actors/runtime/projection.hpp"

namespace bv::runtime {

/// Follows the log with a durable cursor a shard: each event at least once, in the order of its shard; after a
/// crash some come again. What it causes must therefore carry ids made of the event's.
class event_handler {
 public:
  virtual ~event_handler() = default;
  /// [a-z0-9_.-]; names the cursor. A new name starts at the first event.
  virtual std::string name() const = 0;
  virtual std::vector<event_interest> interests() const = 0;
  /// Deals with one event and calls `done` once, from any thread. Several events may be under way; the cursor
  /// passes an event when it and all before it are done. An error is retried with growing pauses
  /// and holds the shard's cursor back.
  virtual void handle(const logged_event& event, gateway& entities, std::function<void(result<void>)> done) = 0;
};

struct subscription_status {
  std::string name;
  std::uint64_t events_behind = 0;
  std::uint64_t retries = 0;
};

}  // namespace bv::runtime
