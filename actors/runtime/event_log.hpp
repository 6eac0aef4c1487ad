#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "actors/runtime/event_kinds.hpp"
#include "protocols/schema/base/bytes.hpp"
#include "protocols/schema/base/entity_key.hpp"
#include "protocols/schema/base/result.hpp"
#include "protocols/schema/base/time.hpp"
#include "storage/types.hpp"

namespace bv::runtime {

/// One committed event with everything that its envelope needs.
struct logged_event {
  storage::shard_id shard;
  storage::event_offset offset;
  entity_key entity;
  std::uint64_t version = 0;   ///< of the entity with this event
  std::uint16_t ordinal = 0;   ///< member of the contract's Event union
  bytes payload;
  timestamp at;
  std::string principal, trace, correlation;
};

/// A position in the logs of all shards: for each the offset of the last event dealt with. Its text form is
/// opaque to clients and fits a header.
struct log_cursor {
  std::vector<storage::event_offset> offsets;  ///< by shard number
  friend bool operator==(const log_cursor&, const log_cursor&) = default;
};
std::string to_text(const log_cursor& cursor);
/// The error names what is wrong with the text. The cursor of a node with another shard count is refused.
result<log_cursor> parse_cursor(std::string_view text, std::size_t shard_count);

/// A stretch of one shard's log.
struct event_page {
  std::vector<logged_event> events;
  storage::event_offset through;  ///< the cursor after the page, past filtered events too
  bool at_end = false;            ///< nothing more is committed now
};

/// Committed events in order, for everything that follows the log. Threads: any; read() may touch the disk.
class event_log {
 public:
  virtual ~event_log() = default;
  virtual std::uint16_t shard_count() const = 0;
  /// Events of a shard after `after`: those that are wanted, or all if nothing is named. Reads about
  /// `size_bytes_max` of the log at most, at least one batch. Error `offset_dropped` if retention has taken it.
  virtual result<event_page> read(storage::shard_id shard, storage::event_offset after, std::size_t size_bytes_max,
                                  std::span<const event_interest> wanted) = 0;
  result<event_page> read(storage::shard_id shard, storage::event_offset after, std::size_t size_bytes_max) {
    return read(shard, after, size_bytes_max, {});
  }
  /// Offset of the last committed event.
  virtual storage::event_offset end(storage::shard_id shard) const = 0;
  /// Whether this node leads the shard: of those who act on its events, the ones here are to do it. Elsewhere they only
  /// keep up.
  virtual bool led_here(storage::shard_id) const { return true; }
  /// All events of one entity after a version, oldest first, at most `count_max`.
  virtual result<std::vector<logged_event>> history(const entity_key& entity, std::uint64_t after_version,
                                                    std::size_t count_max) = 0;
  /// Calls `grown` whenever a shard's end has moved, with what may be in the growth, or its leadership, until the returned handle is
  /// destroyed. On any thread; must not block.
  using growth_handler = std::function<void(storage::shard_id, const event_kinds&)>;
  virtual std::shared_ptr<void> follow(growth_handler grown) = 0;
};

}  // namespace bv::runtime
