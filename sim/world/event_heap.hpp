#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "protocols/schema/base/time.hpp"

namespace bv::sim {

/// The world's time, and all that is to happen in it. What is due at the same moment happens in the order in which it
/// was said. One thread.
class event_heap {
 public:
  explicit event_heap(timestamp beginning) : now_(beginning) {}

  [[nodiscard]] timestamp now() const { return now_; }
  void at(timestamp due, std::function<void()> action);
  void after(duration delay, std::function<void()> action) { at(now_ + delay, std::move(action)); }

  /// When the next thing is due.
  [[nodiscard]] std::optional<timestamp> next() const;
  /// Lets time pass; nothing may be due before `to`.
  void pass_to(timestamp to);
  /// Does the next thing that is due now. False if there is none.
  bool run_one();
  [[nodiscard]] std::uint64_t done() const { return done_; }

 private:
  struct entry {
    timestamp due;
    std::uint64_t number;
    std::function<void()> action;
  };
  static bool later(const entry& a, const entry& b);

  timestamp now_;
  std::vector<entry> heap_;
  std::uint64_t said_ = 0, done_ = 0;
};

}  // namespace bv::sim
