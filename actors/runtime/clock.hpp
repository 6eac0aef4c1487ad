#pragma once

#include "protocols/schema/base/time.hpp"

namespace bv::runtime {

/// The only source of "now" for code that the simulator runs. Threads: any.
class clock {
 public:
  virtual ~clock() = default;
  /// UTC. May step backwards when the machine's clock is set.
  virtual timestamp now() const = 0;
};

/// The machine's clock.
class system_clock final : public clock {
 public:
  timestamp now() const override;
};

}  // namespace bv::runtime
