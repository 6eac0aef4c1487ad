#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/runtime/gateway.hpp"
#include "actors/runtime/limits.hpp"
#include "actors/runtime/log_waker.hpp"
#include "actors/runtime/mailed_actor.hpp"
#include "actors/runtime/metrics.hpp"
#include "actors/runtime/note.hpp"
#include "actors/runtime/subscription.hpp"
#include "storage/journal.hpp"

namespace bv::runtime {

/// What a subscription tells. Threads: any.
struct subscription_metrics {
  explicit subscription_metrics(std::size_t shards) : through(shards) {}
  std::vector<std::atomic<std::uint64_t>> through;  ///< by shard, its cursor: of those that are led here
  counter retries;
};

/// Tells the other nodes how far a subscription is; they take over where it stops.
using cursor_teller = std::function<void(storage::shard_id, const std::string& subscription, storage::event_offset)>;

/// Brings the log's events to one handler. Each shard that this node leads is followed on its own: its events are handed
/// over in order, a few at a time; the cursor moves past an event when it and all before it are done.
///
///     read a page → hand over up to `window` → done (any order) → cursor moves → journal.write_cursor, the other nodes
///
/// Whoever leads next goes on at the cursor that it heard last: what was done after that is done once more.
/// Runs on CAF's scheduler; takes run_action.
class subscription_runner final : public mailed_actor {
 public:
  subscription_runner(caf::actor_config& config, std::shared_ptr<event_handler> handler, const limits& bounds,
                      storage::journal& log_store, event_log& log, gateway& entities, subscription_metrics& measured,
                      cursor_teller tell, const note_handler& notes);
  caf::behavior make_behavior() override;
  void on_exit() override { waker_.reset(); }

 private:
  /// Events of a shard that are handed over and not done.
  static constexpr std::size_t window = 64;
  static constexpr duration first_pause = std::chrono::milliseconds{100};
  static constexpr duration longest_pause = std::chrono::seconds{30};
  /// What the others hear of a cursor is about this old.
  static constexpr duration between_tellings = std::chrono::milliseconds{200};

  struct pending_event {
    logged_event event;
    bool started = false, done = false;
    duration pause = first_pause;
  };
  struct followed_shard {
    storage::shard_id id;
    bool led = false;
    storage::event_offset told;        ///< the other nodes
    storage::event_offset cursor;      ///< everything up to here is done
    storage::event_offset read_until;  ///< everything up to here is done or in `pending`
    std::deque<pending_event> pending;
  };

  void step();
  bool step(followed_shard& of);
  result<void> read_and_hand_over(followed_shard& of);
  void hand_over(followed_shard& of, pending_event& what);
  void on_done(std::size_t shard, storage::event_offset offset, const result<void>& outcome);
  static pending_event* find(followed_shard& in, storage::event_offset offset);
  void move_cursor(followed_shard& of);
  result<void> take_over(followed_shard& of);
  void tell_later();
  void tell_cursors();

  std::shared_ptr<event_handler> handler_;
  const std::vector<event_interest> wanted_;
  const limits& bounds_;
  storage::journal& log_store_;
  event_log& log_;
  gateway& entities_;
  subscription_metrics& measured_;
  const note_handler& notes_;
  const cursor_teller tell_;
  bool telling_ = false;
  std::vector<followed_shard> shards_;
  std::optional<log_waker> waker_;
};

}  // namespace bv::runtime
