#pragma once

#include <cstdint>
#include <functional>

#include "actors/replication/types.hpp"
#include "storage/types.hpp"

namespace bv::replication {

/// Where a group runs: an actor and the machine's clock, or virtual time. Must outlive the group.
class group_host {
 public:
  virtual ~group_host() = default;
  /// Runs `action` on the owner's thread later, never inside this call, in the order of the calls. Threads: any.
  virtual void post(std::function<void()> action) = 0;
  /// Runs `work` where it may block on the disk, never inside this call. It ends with a post().
  virtual void in_background(std::function<void()> work) = 0;
  /// Of a clock that does not step: intervals count, the moment means nothing.
  virtual std::uint64_t now_ms() = 0;
  /// Uniform in [0, bound).
  virtual std::uint64_t random_below(std::uint64_t bound) = 0;
};

/// Carries messages to the group's other servers. They may be lost, come twice, late and in another order.
class transport {
 public:
  virtual ~transport() = default;
  /// To `what.receiver`. Must not call the group back.
  virtual void send(message what) = 0;
};

/// Learns what became of the group. Called on the owner's thread; it may call the group back, and must not destroy it.
class group_listener {
 public:
  virtual ~group_listener() = default;
  /// Everything up to `index` is committed: on a majority's disks, and on this one's. Ascends; on followers too.
  virtual void on_committed(storage::log_index index) = 0;
  /// This server leads and everything before `next` is committed: the shard may serve. Batches are sealed for `term`.
  virtual void on_leader(storage::term_number term, storage::log_index next) = 0;
  /// It does not lead (any more). `leader` is 0 while none is known. What was proposed and not committed may yet be
  /// committed or truncated: it is to be answered with "outcome unknown".
  virtual void on_follower(server_id leader) = 0;
  /// The group is about to take an index for an entry of its own: propose what is open now, and ask for next_index()
  /// before the next batch is begun.
  virtual void on_control_entry() = 0;
  /// What this server had from `from` on is void. It was never committed.
  virtual void on_log_truncated(storage::log_index from) = 0;
  virtual void on_configuration(const configuration& members, storage::log_index index, bool committed) = 0;
  /// A follower can't be brought level from this log.
  virtual void on_feed_failed(server_id follower, const error& why) = 0;
  /// The disk failed, or the group met what can't be: it does nothing any more.
  virtual void on_failed(const error& why) = 0;
};

}  // namespace bv::replication
