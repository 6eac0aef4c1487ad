#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <algorithm>
#include <thread>

#include "actors/runtime/node.hpp"

#if defined(__SANITIZE_THREAD__)
extern "C" void __tsan_ignore_thread_begin();
extern "C" void __tsan_ignore_thread_end();
#endif

namespace bv::runtime {
namespace {

/// Messages that an actor may take before another gets its turn; unlimited by default, which starves.
constexpr std::size_t messages_per_turn = 256;
/// One queue for all workers, which wait on a condition. CAF's default, work stealing, polls with sleeps of 50 us: that
/// doubled the latency of a lone command and burnt a core doing so (docs/performance.md).
const auto scheduling_policy = caf::atom("sharing");

}  // namespace

struct scheduler::parts {
  explicit parts(std::size_t threads) : system(configure(config, threads)) {}

  static caf::actor_system_config& configure(caf::actor_system_config& config, std::size_t threads) {
    config.set("scheduler.max-throughput", messages_per_turn);
    config.set("scheduler.policy", scheduling_policy);
    // CAF itself would take at least four, which on two cores only take turns.
    config.set("scheduler.max-threads", threads > 0 ? threads : std::max(2u, std::thread::hardware_concurrency()));
    return config;
  }

  caf::actor_system_config config;
  caf::actor_system system;
};

scheduler::scheduler(std::size_t threads) : parts_(std::make_unique<parts>(threads)) {}

// Our actors are gone by now. CAF ends its own, and its threads, by means that ThreadSanitizer can't see, because they
// are inside its shared library: in builds with it, what this thread touches there is not looked at.
scheduler::~scheduler() {
#if defined(__SANITIZE_THREAD__)
  __tsan_ignore_thread_begin();
  parts_.reset();
  __tsan_ignore_thread_end();
#endif
}

caf::actor_system& scheduler::system() { return parts_->system; }

}  // namespace bv::runtime
