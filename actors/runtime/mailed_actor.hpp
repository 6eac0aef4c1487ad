#pragma once

#include <caf/event_based_actor.hpp>

#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace bv::runtime {

/// What every actor of ours derives from. CAF hands mail and turns from thread to thread through lock-free queues inside
/// its shared library, which ThreadSanitizer can't see: it would call every message a race. So, in builds with it
/// alone, an actor states what CAF guarantees: what happened before a message was enqueued happens before it is
/// consumed, and what one turn did happens before the next and before the actor's destruction, on whichever thread its
/// last reference goes. Our own races inside a handler are still found.
class mailed_actor : public caf::event_based_actor {
 public:
#if defined(__SANITIZE_THREAD__)
  explicit mailed_actor(caf::actor_config& config) : caf::event_based_actor(config) { __tsan_release(this); }

  ~mailed_actor() override { __tsan_acquire(this); }

  void enqueue(caf::mailbox_element_ptr mail, caf::execution_unit* on) override {
    __tsan_release(this);
    caf::event_based_actor::enqueue(std::move(mail), on);
  }

  resume_result resume(caf::execution_unit* on, std::size_t messages_max) override {
    __tsan_acquire(this);
    // The address is all that is used afterwards: the last turn may end with the actor's destruction.
    void* const self = this;
    const auto outcome = caf::event_based_actor::resume(on, messages_max);
    __tsan_release(self);
    return outcome;
  }

  /// Mail that comes in the last turn is destroyed unread.
  bool cleanup(caf::error&& why, caf::execution_unit* on) override {
    __tsan_acquire(this);
    return caf::event_based_actor::cleanup(std::move(why), on);
  }

 private:
  caf::invoke_message_result consume(caf::mailbox_element& mail) override {
    __tsan_acquire(this);
    const auto outcome = caf::event_based_actor::consume(mail);
    __tsan_release(this);
    return outcome;
  }
#else
  using caf::event_based_actor::event_based_actor;
#endif
};

}  // namespace bv::runtime
