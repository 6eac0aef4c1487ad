#pragma once

#include <optional>
#include <vector>

#include "actors/runtime/random.hpp"
#include "tools/chaos/fault.hpp"

namespace bv::chaos {

struct schedule_options {
  std::uint64_t seed = 1;
  std::vector<fault_kind> kinds;  ///< at least one
  /// So many, among the rest, and then no more faults. 0 both: faults until nobody asks for more.
  std::size_t kills = 0, partitions = 0;
  std::size_t nodes = 3;
  std::size_t small_disk_node = 0;  ///< the one whose disk fills up
  std::uint16_t shards = 16;
};

/// Which faults, in which order. Kinds come in rounds, each kind once in each round and in an order of its own: so a short run has all of
/// them. With numbers given, the kinds that have one come as often, mixed, and every other kind once for each ten of those.
class schedule {
 public:
  explicit schedule(const schedule_options& options);
  /// Nothing: that was all.
  std::optional<planned_fault> next();
  /// How many there will be; nothing: no end.
  [[nodiscard]] std::optional<std::size_t> size() const { return size_; }

 private:
  [[nodiscard]] std::vector<fault_kind> counted() const;
  void shuffle(std::vector<fault_kind>& order);
  std::chrono::milliseconds between(unsigned from_ms, unsigned to_ms);

  const schedule_options options_;
  runtime::random_source chance_;
  std::vector<fault_kind> coming_;  ///< the next one last
  std::optional<std::size_t> size_;
};

}  // namespace bv::chaos
