#include "tests/actors/runtime/hand_scheduler.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>

namespace bv::test {

struct hand_scheduler::parts {
  parts() : system(configure(config)) {}
  static caf::actor_system_config& configure(caf::actor_system_config& config) {
    config.set("scheduler.policy", caf::atom("testing"));
    return config;
  }
  caf::scheduler::test_coordinator& coordinator() {
    return dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  }
  caf::actor_system_config config;
  caf::actor_system system;
};

hand_scheduler::hand_scheduler() : parts_(std::make_unique<parts>()) {}
hand_scheduler::~hand_scheduler() = default;
caf::actor_system& hand_scheduler::system() { return parts_->system; }

void hand_scheduler::run() {
  while (parts_->coordinator().try_run_once()) {
  }
}

void hand_scheduler::advance(duration by) {
  parts_->coordinator().advance_time(by);
  run();
}

}  // namespace bv::test
