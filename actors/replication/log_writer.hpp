#pragma once

#include <cstdint>
#include <deque>
#include <variant>
#include <vector>

#include "actors/replication/types.hpp"
#include "storage/journal.hpp"

namespace bv::replication {

/// The writing side of a group's log. Appends go to the journal at once and are acknowledged in order; a truncation, which
/// the journal permits only while nothing is in flight, waits for those before it and holds up those after it.
class log_writer {
 public:
  log_writer(storage::journal& log, storage::shard_id shard) : log_(log), shard_(shard) {}

  result<void> append(std::vector<entry> entries, std::uint64_t ticket);
  result<void> truncate(storage::log_index from);
  /// The journal said so. Returns the newest ticket that is durable now; 0 if none became so.
  result<std::uint64_t> durable(storage::log_index through);
  /// A truncation waits.
  [[nodiscard]] bool truncating() const { return !waiting_.empty(); }

 private:
  struct queued_append {
    std::vector<entry> entries;
    std::uint64_t ticket;
  };
  struct in_flight {
    storage::log_index last;
    std::uint64_t ticket;
  };

  result<void> go_on();

  storage::journal& log_;
  const storage::shard_id shard_;
  std::deque<std::variant<queued_append, storage::log_index>> waiting_;  ///< an index truncates from there
  std::deque<in_flight> in_flight_;
};

}  // namespace bv::replication
