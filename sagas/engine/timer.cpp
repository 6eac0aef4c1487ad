#include "sagas/engine/timer.hpp"

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace bv::sagas {
namespace {

class thread_timer final : public timer {
 public:
  thread_timer() : thread_([this] { run(); }) {}

  ~thread_timer() override {
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }

  void after(duration delay, std::function<void()> action) override {
    const auto at = clock::now() + delay;
    bool sooner = false;
    {
      const std::scoped_lock lock(mutex_);
      sooner = due_.empty() || at < due_.begin()->first;
      due_.emplace(at, std::move(action));
    }
    if (sooner) changed_.notify_one();
  }

 private:
  // tidy-allow: clock: this is the machine's implementation of the timer seam
  using clock = std::chrono::steady_clock;

  void run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      if (due_.empty()) {
        changed_.wait(lock);
      } else if (const auto at = due_.begin()->first; at > clock::now()) {
        changed_.wait_until(lock, at);
      } else {
        auto next = due_.extract(due_.begin());
        lock.unlock();
        next.mapped()();
        lock.lock();
      }
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<clock::time_point, std::function<void()>> due_;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses all of the others
};

}  // namespace

std::unique_ptr<timer> make_thread_timer() {
  return std::make_unique<thread_timer>();
}

}  // namespace bv::sagas
