#include "actors/runtime/clock.hpp"

#include <chrono>

namespace bv::runtime {

timestamp system_clock::now() const {
  // tidy-allow: clock: this is the seam itself
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::nanoseconds>(since_epoch).count()};
}

}  // namespace bv::runtime
