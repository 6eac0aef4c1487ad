#pragma once

#include <string>
#include <vector>

#include "actors/runtime/founding.hpp"

namespace bv::test {

inline const std::vector<runtime::node_id> three_nodes{runtime::node_id{1}, runtime::node_id{2}, runtime::node_id{3}};

/// What the node with that id says of itself: the node 7 is called "n7", and is there.
inline runtime::node_hello hello_of(std::uint64_t id, std::uint64_t cluster = 0) {
  const auto name = "n" + std::to_string(id);
  return {.node = runtime::node_id{id}, .cluster = cluster, .name = name, .address = name};
}

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
