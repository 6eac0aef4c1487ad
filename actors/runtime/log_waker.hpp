#pragma once

#include <atomic>
#include <caf/actor.hpp>
#include <caf/send.hpp>
#include <functional>
#include <memory>

#include "actors/runtime/event_log.hpp"
#include "actors/runtime/run_action.hpp"

namespace bv::runtime {

/// Sends an actor one run_action when the log has grown, however often it grows before the actor gets to it.
class log_waker {
 public:
  /// `action` runs on `follower`; the first time at once, without growth.
  log_waker(event_log& log, caf::actor follower, std::function<void()> action)
      : state_(std::make_shared<state>()) {
    state_->follower = std::move(follower);
    state_->action = std::move(action);
    following_ = log.follow([state = state_](storage::shard_id) { wake(state); });
    wake(state_);
  }

  ~log_waker() { state_->closed = true; }

  /// Mails the action as growth would: for a follower that lets others run before it goes on.
  void again() { wake(state_); }

  log_waker(const log_waker&) = delete;
  log_waker& operator=(const log_waker&) = delete;

 private:
  struct state {
    caf::actor follower;
    std::function<void()> action;
    std::atomic<bool> mailed{false};
    std::atomic<bool> closed{false};
  };

  static void wake(const std::shared_ptr<state>& to) {
    if (to->mailed.exchange(true)) return;
    caf::anon_send(to->follower, run_action{[to] {
                     // Cleared first: growth during the action mails again.
                     to->mailed = false;
                     if (!to->closed) to->action();
                   }});
  }

  std::shared_ptr<state> state_;
  std::shared_ptr<void> following_;
};

}  // namespace bv::runtime
