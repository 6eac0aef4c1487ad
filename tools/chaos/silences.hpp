#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/observe/observation.hpp"
#include "tools/chaos/fault.hpp"

namespace bv::chaos {

/// How long a fault was felt, in milliseconds. A silence is a time in which somebody waits for an answer and nobody gets one: where
/// nothing was asked, nothing was missed.
struct felt {
  double client_ms = 0;                      ///< the longest of any client
  std::string client;                        ///< who that was …
  timestamp since;                           ///< … and since when he waited
  std::map<std::uint16_t, double> shards_ms; ///< the longest of each shard that the victim led, over all clients
  [[nodiscard]] double worst_shard_ms() const;
};

/// What ended between each fault's strike and the next one's, or within some seconds: who was waiting when a fault struck, waited because of
/// it. The history in the order of `invoked`.
std::vector<felt> felt_of(const std::vector<struck_fault>& faults, const std::vector<sim::operation>& history, std::uint16_t shards);

/// Of values in any order; 0 if there are none. The highest that so many percent do not exceed.
double percentile(std::vector<double> values, double percent);

}  // namespace bv::chaos
