#pragma once

#include <memory>

#include "protocols/schema/base/time.hpp"

namespace caf {
class actor_system;
}

namespace bv::test {

/// CAF's testing scheduler: no actor runs but inside run(), on the caller's thread, and time passes when it is told to.
class hand_scheduler {
 public:
  hand_scheduler();
  ~hand_scheduler();
  caf::actor_system& system();
  /// Until no actor has mail.
  void run();
  /// Lets delayed mail come that is due by then, and runs.
  void advance(duration by);

 private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

}  // namespace bv::test
