#include "sagas/engine/bulkhead.hpp"

#include <utility>

#include "protocols/schema/base/assert.hpp"

namespace bv::sagas {

bool bulkhead::enter(std::function<void()> begin) {
  {
    const std::scoped_lock lock(mutex_);
    if (under_way_ >= policy_.at_once_max) {
      if (waiting_.size() >= policy_.waiting_max) return false;
      waiting_.push_back(std::move(begin));
      return true;
    }
    ++under_way_;
  }
  begin();
  return true;
}

void bulkhead::leave() {
  std::function<void()> next;
  {
    const std::scoped_lock lock(mutex_);
    BV_ASSERT(under_way_ > 0, "somebody left who was not inside");
    if (waiting_.empty()) {
      --under_way_;
      return;
    }
    next = std::move(waiting_.front());
    waiting_.pop_front();
  }
  next();
}

std::size_t bulkhead::under_way() const {
  const std::scoped_lock lock(mutex_);
  return under_way_;
}

std::size_t bulkhead::waiting() const {
  const std::scoped_lock lock(mutex_);
  return waiting_.size();
}

}  // namespace bv::sagas
