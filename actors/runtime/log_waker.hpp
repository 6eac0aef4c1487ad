#pragma once

#include <atomic>
#include <caf/actor.hpp>
#include <caf/send.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <span>

#include "actors/runtime/event_log.hpp"
#include "actors/runtime/run_action.hpp"

namespace bv::runtime {

/// Sends an actor one run_action when the log has grown, however often it grows before the actor gets to it: at once
/// if there may be something for it, else a little later, so that its cursor keeps up with what is not for it at
/// little cost. After each turn the follower may rest, so that under load a turn brings many events.
class log_waker {
 public:
  /// `action` runs on `follower`; the first time at once, without growth.
  log_waker(event_log& log, caf::actor follower, std::span<const event_interest> wanted, duration rest,
            std::function<void()> action)
      : state_(std::make_shared<state>()) {
    state_->follower = std::move(follower);
    state_->action = std::move(action);
    state_->wanted = event_kinds::of(wanted);
    state_->rest = rest;
    following_ = log.follow([state = state_](storage::shard_id, const event_kinds& grown) {
      if (grown.may_share(state->wanted))
        wake(state);
      else
        wake_later(state);
    });
    wake(state_);
  }

  ~log_waker() { state_->closed = true; }

  /// Mails the action without a rest: for a follower that lets others run before it goes on.
  void again() {
    caf::anon_send(state_->follower, run_action{[to = state_] { act(to); }});
  }

  log_waker(const log_waker&) = delete;
  log_waker& operator=(const log_waker&) = delete;

 private:
  /// How far a cursor may trail events that its follower does not want.
  static constexpr std::chrono::milliseconds lag_at_most{100};

  struct state {
    caf::actor follower;
    std::function<void()> action;
    event_kinds wanted;
    duration rest;
    std::atomic<bool> grown{false};   ///< since the last turn began
    std::atomic<bool> mailed{false};  ///< a turn is on its way or being rested from
    std::atomic<bool> mailed_for_later{false};
    std::atomic<bool> closed{false};
  };
  using shared_state = std::shared_ptr<state>;

  static void act(const shared_state& of) {
    if (!of->closed) of->action();
  }

  static void wake(const shared_state& to) {
    to->grown = true;
    if (to->mailed.exchange(true)) return;
    caf::anon_send(to->follower, run_action{[to] {
                     to->grown = false;
                     act(to);
                     if (to->rest <= duration::zero()) return rested(to);
                     caf::delayed_anon_send(to->follower, to->rest, run_action{[to] { rested(to); }});
                   }});
  }

  static void rested(const shared_state& from) {
    from->mailed = false;
    if (from->grown && !from->closed) wake(from);
  }

  static void wake_later(const shared_state& to) {
    if (to->mailed_for_later.exchange(true)) return;
    caf::delayed_anon_send(to->follower, lag_at_most, run_action{[to] {
                             to->mailed_for_later = false;
                             act(to);
                           }});
  }

  shared_state state_;
  std::shared_ptr<void> following_;
};

}  // namespace bv::runtime
