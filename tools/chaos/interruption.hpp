#pragma once

#include <poll.h>
#include <signal.h>

#include <cerrno>
#include <chrono>
#include <ctime>

namespace bv::chaos {

/// SIGINT, SIGTERM and SIGHUP end what goes on early; a second one ends the process. To be made before any thread is: they are blocked,
/// and taken while the main thread waits.
class interruption {
 public:
  interruption() {
    sigemptyset(&wanted_);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&wanted_, number);
    pthread_sigmask(SIG_BLOCK, &wanted_, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
  }

  /// Gives the CPU away for so long; returns early, and from then on at once, when a signal came.
  void wait(std::chrono::milliseconds time) {
    const auto deadline = std::chrono::steady_clock::now() + time;
    while (!came_) {
      const auto left = deadline - std::chrono::steady_clock::now();
      if (left <= std::chrono::nanoseconds(0)) return;
      const timespec most{static_cast<std::time_t>(left / std::chrono::seconds(1)), static_cast<long>((left % std::chrono::seconds(1)).count())};
      if (sigtimedwait(&wanted_, nullptr, &most) < 0) continue;
      came_ = true;
      pthread_sigmask(SIG_UNBLOCK, &wanted_, nullptr);
    }
  }
  /// Gives the CPU away for so long, whatever comes.
  static void pause(std::chrono::milliseconds time) { ::poll(nullptr, 0, static_cast<int>(time.count())); }
  [[nodiscard]] bool came() const { return came_; }

 private:
  sigset_t wanted_{};
  bool came_ = false;
};

}  // namespace bv::chaos
