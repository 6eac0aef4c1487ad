#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace bv::chaos {

/// How far a run is, for the threads that make its load. Threads: any.
class going {
 public:
  enum class phase {
    on,         ///< ask one thing after the other
    finishing,  ///< begin nothing more, but get an answer to what was begun
    over        ///< answer or not
  };

  [[nodiscard]] phase now() const {
    const std::lock_guard lock(mutex_);
    return phase_;
  }
  void turn(phase to) {
    const std::lock_guard lock(mutex_);
    phase_ = to;
    changed_.notify_all();
  }
  /// Gives the CPU away for so long, or until all is over.
  void pause(std::chrono::milliseconds time) const {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, time, [this] { return phase_ == phase::over; });
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  phase phase_ = phase::on;
};

}  // namespace bv::chaos
