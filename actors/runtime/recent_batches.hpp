#pragma once

#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "actors/runtime/event_kinds.hpp"
#include "protocols/schema/base/bytes.hpp"
#include "storage/types.hpp"

namespace bv::runtime {

/// A batch that was committed a moment ago.
struct committed_batch {
  storage::log_index index;
  storage::event_offset first_offset;
  storage::event_offset last_offset;  ///< below `first_offset` if it holds no events
  shared_bytes data;
  event_kinds kinds;
};

/// The end of one shard's log in memory, so that the many who follow it (read models, reactions, streams) don't each
/// read it back from the disk. Threads: any.
class recent_batches {
 public:
  explicit recent_batches(std::size_t size_bytes_max) : size_bytes_max_(size_bytes_max) {}

  /// Batches come in log order.
  void add(committed_batch batch);

  /// What follows `after`: batches until `size_bytes_max` of what `wanted` may be in is reached; nothing if the event
  /// after `after` is no longer here.
  std::optional<std::vector<committed_batch>> read(storage::event_offset after, std::size_t size_bytes_max,
                                                   const event_kinds& wanted) const;

 private:
  const std::size_t size_bytes_max_;
  mutable std::mutex mutex_;
  std::deque<committed_batch> batches_;
  std::size_t size_bytes_ = 0;
};

}  // namespace bv::runtime
