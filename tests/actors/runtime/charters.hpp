#pragma once

#include <string>
#include <vector>

#include "actors/runtime/founding.hpp"

namespace bv::test {

/// Of a cluster with id 1 that these nodes founded; the node 7 is called "n7".
inline runtime::charter charter_of(const std::vector<runtime::node_id>& founders, std::uint16_t replicas) {
  runtime::charter made{.cluster = 1, .shards = 4, .replicas = replicas, .founders = {}};
  for (const auto one : founders) {
    const auto name = "n" + std::to_string(one.value);
    made.founders.push_back({one.value, name, name});
  }
  return made;
}

}  // namespace bv::test
