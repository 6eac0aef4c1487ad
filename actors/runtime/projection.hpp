#pragma once

#include <optional>
#include <string>
#include <vector>

#include "actors/runtime/event_log.hpp"
#include "protocols/schema/base/result.hpp"
#include "storage/table.hpp"

namespace bv::runtime {

/// Reads a table through the changes of a page that are not written yet.
class projection_rows {
 public:
  virtual ~projection_rows() = default;
  virtual result<std::optional<bytes>> get(bytes_view key) const = 0;
  virtual void put(bytes key, bytes value) = 0;
  virtual void remove(bytes key) = 0;
};

/// A read model: a table computed from the log, event by event. The rows of a page of events are written
/// in one piece with the cursor, so each event counts exactly once. A pure function of the rows
/// and the event; keys that start with a zero byte belong to the runtime.
class projection {
 public:
  virtual ~projection() = default;
  /// [a-z0-9_]; names the table.
  virtual std::string name() const = 0;
  /// Raised when apply() changes its mind: the table is then rebuilt from the first event, while the old one serves.
  virtual std::uint32_t revision() const = 0;
  virtual std::vector<event_interest> interests() const = 0;
  /// An error stops the projection at this event, loudly; the rest of the node goes on.
  virtual result<void> apply(const logged_event& event, projection_rows& rows) const = 0;
};

/// How far a projection is behind.
struct projection_status {
  std::string name;
  std::uint64_t events_behind = 0;
  bool rebuilding = false;
  std::uint64_t events_rebuilt = 0;  ///< by the rebuild that is running
  std::string failed;                ///< why it stopped; empty while it runs
};

/// The served table of a projection; follows a rebuild's switch-over. Threads: any.
class projection_view {
 public:
  virtual ~projection_view() = default;
  virtual result<std::optional<bytes>> get(bytes_view key) const = 0;
  /// As storage::table::scan.
  virtual result<void> scan(bytes_view from, bytes_view until, bool reverse,
                            const std::function<bool(bytes_view key, bytes_view value)>& visit) const = 0;
  virtual projection_status status() const = 0;
};

}  // namespace bv::runtime
