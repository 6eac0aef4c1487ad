#include "sim/run/scoreboard.hpp"

#include <algorithm>

namespace bv::sim {

void scoreboard::add(const observed_record& record) {
  entities_.emplace(record.node, record.entity);
  committed_.try_emplace(place_of(record), record.committed_at);
  if (record.entity.type() != "saga") return;
  for (const auto& event : record.events) {
    const std::pair who{record.node, record.entity};
    if (event.name == "started" || event.name == "redriven") under_way_.insert(who);
    // A parked one moves no more until somebody re-drives it.
    if (event.name == "completed" || event.name == "compensated" || event.name == "parked" || event.name == "discarded")
      ended_ += under_way_.erase(who);
  }
}

void scoreboard::order(std::vector<observed_record>& from_disk) const {
  for (auto& one : from_disk)
    if (const auto seen = committed_.find(place_of(one)); seen != committed_.end()) one.committed_at = seen->second;
  std::ranges::stable_sort(from_disk, {}, &observed_record::committed_at);
}

}  // namespace bv::sim
