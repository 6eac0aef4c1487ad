#pragma once

#include <string>
#include <vector>

#include "actors/runtime/interconnect.hpp"
#include "storage/types.hpp"

namespace bv::runtime {

/// How a shard stands in a cluster, as one node knows.
struct shard_status {
  node_id leader;        ///< 0: nobody is known to lead
  bool serving = false;  ///< this node leads it
  storage::term_number term;
  storage::log_index committed, taken_in;  ///< known to be; what took effect here
  bool mending = false;  ///< batches of this node's log are rotten: it takes no part until they are mended
};

/// Another node, or this one, as this one knows.
struct peer_status {
  node_id node;
  std::string name, address;
  bool self = false;
  bool reached = false;  ///< frames can be sent to it
};

struct cluster_status {
  std::vector<peer_status> nodes;
  std::vector<shard_status> shards;  ///< in the order of their numbers
};

}  // namespace bv::runtime
