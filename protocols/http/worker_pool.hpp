#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace bv::http {

/// Threads for what may touch the disk (queries, histories), so that io threads never wait.
class worker_pool {
 public:
  worker_pool(unsigned threads, std::size_t waiting_max);
  ~worker_pool();

  /// False, without effect, if as many jobs wait as may.
  [[nodiscard]] bool run(std::function<void()> job);
  /// Does what was taken, then ends the threads. Idempotent.
  void stop();

 private:
  void work();

  const std::size_t waiting_max_;
  std::mutex guard_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace bv::http
