#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/observe/observation.hpp"

namespace bv::sim {

/// What the runner has to know of the committed records while it runs: which entities there are, which sagas are under
/// way, when each batch was seen first.
class scoreboard {
 public:
  void add(const observed_record& record);

  [[nodiscard]] std::uint64_t sagas_ended() const { return ended_; }
  [[nodiscard]] const std::set<std::pair<std::uint16_t, entity_key>>& sagas_under_way() const { return under_way_; }
  [[nodiscard]] const std::set<std::pair<std::uint16_t, entity_key>>& entities() const { return entities_; }
  /// Gives records that were read from the disk the time at which they were first seen, and puts them into that order.
  void order(std::vector<observed_record>& from_disk) const;

 private:
  using place = std::pair<std::uint16_t, std::pair<std::uint16_t, std::uint64_t>>;
  static place place_of(const observed_record& record) {
    return {record.node, {record.shard.value, record.index.value}};
  }

  std::set<std::pair<std::uint16_t, entity_key>> entities_, under_way_;
  std::map<place, timestamp> committed_;
  std::uint64_t ended_ = 0;
};

}  // namespace bv::sim
