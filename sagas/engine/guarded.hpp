#pragma once

#include <mutex>
#include <utility>

namespace bv::sagas {

/// A value that one thread at a time may look at.
template <class Value>
class guarded {
 public:
  /// Runs `look` with the value. It must not call out: whoever it calls may come back here.
  template <class Look>
  auto with(Look look) {
    const std::scoped_lock lock(mutex_);
    return look(value_);
  }
  template <class Look>
  auto with(Look look) const {
    const std::scoped_lock lock(mutex_);
    return look(value_);
  }

 private:
  mutable std::mutex mutex_;
  Value value_;
};

}  // namespace bv::sagas
