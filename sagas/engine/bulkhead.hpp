#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>

namespace bv::sagas {

struct bulkhead_policy {
  std::size_t at_once_max = 64;   ///< calls that are under way
  std::size_t waiting_max = 512;  ///< calls that wait for one of them to end; more are refused
};

/// Bounds how much one downstream can take up, so that a slow one does not drown the others. Threads: any.
class bulkhead {
 public:
  explicit bulkhead(bulkhead_policy policy) : policy_(policy) {}

  /// Runs `begin` now, or when its turn comes, on the thread that makes room. False: full, `begin` never
  /// runs. Each run must be followed by one leave().
  bool enter(std::function<void()> begin);
  void leave();

  [[nodiscard]] std::size_t under_way() const;
  [[nodiscard]] std::size_t waiting() const;

 private:
  const bulkhead_policy policy_;
  mutable std::mutex mutex_;
  std::size_t under_way_ = 0;
  std::deque<std::function<void()>> waiting_;
};

}  // namespace bv::sagas
