#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include "actors/runtime/node.hpp"

#if defined(__SANITIZE_THREAD__)
extern "C" void __tsan_ignore_thread_begin();
extern "C" void __tsan_ignore_thread_end();
#endif

namespace bv::runtime {
namespace {

/// Messages that an actor may take before another gets its turn; unlimited by default, which starves.
constexpr std::size_t messages_per_turn = 256;

}  // namespace

struct scheduler::parts {
  explicit parts(std::size_t threads) : system(configure(config, threads)) {}

  static caf::actor_system_config& configure(caf::actor_system_config& config, std::size_t threads) {
    config.set("scheduler.max-throughput", messages_per_turn);
    if (threads > 0) config.set("scheduler.max-threads", threads);
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
