#pragma once

#include <functional>
#include <memory>

#include "protocols/schema/base/time.hpp"

namespace bv::sagas {

/// Lets something happen later, for services outside of the shards. The simulator brings its own.
class timer {
 public:
  virtual ~timer() = default;
  /// Runs `action` once, on any thread; it must not block. Dropped if the timer goes first.
  virtual void after(duration delay, std::function<void()> action) = 0;
};

/// A thread of its own that sleeps until the next action is due.
std::unique_ptr<timer> make_thread_timer();

}  // namespace bv::sagas
