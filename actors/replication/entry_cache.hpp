#pragma once

#include <cstddef>
#include <deque>

#include "actors/replication/types.hpp"

namespace bv::replication {

/// The newest entries of a log, without gaps, with their bytes: what is sent comes from here. Bounded by its owner.
class entry_cache {
 public:
  void add(entry one);
  /// Forgets `from` and everything after it.
  void truncate(storage::log_index from);
  void forget_before(storage::log_index first);
  /// Null if it is not here.
  [[nodiscard]] const entry* find(storage::log_index index) const;
  [[nodiscard]] std::size_t size_bytes() const { return size_bytes_; }
  /// How many of the newest entries fit into that many bytes.
  [[nodiscard]] std::uint32_t newest_within(std::size_t size_bytes) const;

 private:
  std::deque<entry> entries_;
  std::size_t size_bytes_ = 0;
};

}  // namespace bv::replication
