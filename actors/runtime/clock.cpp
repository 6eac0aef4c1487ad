#include "actors/runtime/clock.hpp"

#include <chrono>

namespace bv::runtime {

timestamp system_clock::now() const {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::nanoseconds>(since_epoch).count()};
}

}  // namespace bv::runtime
