#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "protocols/schema/base/time.hpp"

namespace bv::runtime {

/// What an actor has to do later, in the order in which it is due; of the same moment, in the order in which it came.
/// Belongs to one actor, which needs a single timer for all of it: the scheduler's clock is shared by all actors, and
/// a saga sets several timers that almost never ring.
class delayed_actions {
 public:
  void add(timestamp due, std::function<void()> action);
  /// When the first is due; nothing if there is none.
  [[nodiscard]] std::optional<timestamp> next() const;
  /// Runs what is due, as it stood when it was called: what the actions add waits for the next time.
  void run(timestamp now);

 private:
  struct entry {
    timestamp due;
    std::uint64_t number;
    std::function<void()> action;
  };
  static bool later(const entry& a, const entry& b);

  std::vector<entry> heap_;
  std::uint64_t next_number_ = 0;
};

}  // namespace bv::runtime
