#pragma once

#include <string>
#include <vector>

#include "actors/runtime/interconnect.hpp"
#include "actors/runtime/roster.hpp"
#include "storage/types.hpp"

namespace bv::runtime {

/// A member of a shard's group, as the leader sees it.
struct follower_status {
  node_id node;
  bool votes = false;
  std::uint64_t entries_behind = 0;  ///< what is not known to be on its disk
};

/// How a shard stands in a cluster, as one node knows.
struct shard_status {
  node_id leader;        ///< 0: nobody is known to lead
  bool serving = false;  ///< this node leads it
  storage::term_number term;
  storage::log_index committed, taken_in;  ///< known to be; what took effect here
  bool mending = false;  ///< batches of this node's log are rotten: it takes no part until they are mended
  std::vector<follower_status> followers;  ///< where it is led: the group's members, the leader too
};

/// Another node, or this one, as this one knows.
struct peer_status {
  node_id node;
  std::string name, address;
  bool self = false;
  bool reached = false;  ///< frames can be sent to it
  members::standing standing = members::standing::active;
};

struct cluster_status {
  roster::view_ptr members;          ///< null if the node is alone
  std::vector<node_hello> waiting;   ///< to be let in
  std::uint32_t feature_level = 0;  ///< what all its nodes understand; see features.hpp
  std::vector<peer_status> nodes;
  std::vector<shard_status> shards;  ///< in the order of their numbers
};

}  // namespace bv::runtime
