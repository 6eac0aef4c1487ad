#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/observe/observation.hpp"

namespace bv::chaos {

/// What is on the disks of a cluster's nodes once they have stopped.
struct node_logs {
  std::vector<sim::observed_record> records;  ///< of the first node, by shard in the order of the log
  /// Read models: each as one node keeps it, beside what the first one has.
  std::vector<sim::observations::read_model> read_models;
};

/// Somewhere the nodes disagree; the first is the invariant's name (sim/observe/breach.hpp).
using disagreement = std::function<void(std::string_view invariant, const std::string& what)>;

/// Reads the data folders and compares the nodes' logs: what two of them have at a place is the same. If they should be level, what one
/// has, all have, and so have their read models; else read models are not read. Of batches without records those may differ that a node
/// wrote last, for it may have been alone with them. When a record was committed is not on the disk: it gets the time at which
/// the last one of its batch was decided. Errors: of opening a store; `journal_corrupt`.
result<node_logs> read_node_logs(const std::vector<std::string>& data_dirs, std::uint16_t shards, bool level, const disagreement& tell);

}  // namespace bv::chaos
