#include "sim/world/actor_turns.hpp"

#include <algorithm>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <utility>

#include "actors/runtime/random.hpp"

namespace bv::sim {

struct actor_turns::parts {
  parts(std::uint64_t seed, bool shuffles) : lots(seed), shuffle(shuffles), system(configure(config)) {
    beginning = coordinator().clock().current_time;
  }

  static caf::actor_system_config& configure(caf::actor_system_config& config) {
    config.set("scheduler.policy", caf::atom("testing"));
    return config;
  }
  caf::scheduler::test_coordinator& coordinator() {
    return static_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  }

  runtime::random_source lots;
  const bool shuffle;
  caf::actor_system_config config;
  caf::actor_system system;
  caf::actor_clock::time_point beginning;
};

actor_turns::actor_turns(std::uint64_t seed, bool shuffle) : parts_(std::make_unique<parts>(seed, shuffle)) {}
actor_turns::~actor_turns() = default;

caf::actor_system& actor_turns::system() { return parts_->system; }

bool actor_turns::idle() const { return parts_->coordinator().jobs.empty(); }

std::optional<std::uint64_t> actor_turns::run_one() {
  auto& turns = parts_->coordinator();
  auto& jobs = turns.jobs;
  if (jobs.empty()) return std::nullopt;
  if (parts_->shuffle && jobs.size() > 1) std::swap(jobs.front(), jobs[parts_->lots.below(jobs.size())]);
  const auto* const next = jobs.front();
  const auto* const actor = dynamic_cast<const caf::abstract_actor*>(next);
  const std::uint64_t number = actor ? actor->id() : 0;
  turns.try_run_once();
  // CAF puts whoever has mail left at the front again; it has had its turn.
  if (jobs.size() > 1 && jobs.front() == next) std::ranges::rotate(jobs, jobs.begin() + 1);
  return number;
}

std::optional<duration> actor_turns::next_due() const {
  const auto& schedule = parts_->coordinator().clock().schedule();
  if (schedule.empty()) return std::nullopt;
  return std::max(schedule.begin()->first - parts_->beginning, duration::zero());
}

void actor_turns::pass_to(duration since_beginning) {
  auto& clock = parts_->coordinator().clock();
  clock.current_time = parts_->beginning + since_beginning;
  clock.trigger_expired_timeouts();
}

}  // namespace bv::sim
