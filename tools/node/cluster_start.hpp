#pragma once

#include <functional>
#include <memory>

#include "actors/runtime/node.hpp"
#include "protocols/cluster/links.hpp"
#include "tools/node/config.hpp"
#include "tools/node/logging.hpp"

namespace bv::tools {

/// A node's way into its cluster.
struct cluster_seat {
  std::unique_ptr<cluster::links> links;  ///< not started; must outlive the node
  runtime::cluster_options options;
};

/// What random numbers this node is known by are drawn from.
std::uint64_t fresh_number();

/// Finds out which node of which cluster the data folder is; the first time it founds the cluster together with the other
/// seeds, or is given its charter, and waits for that as long as it takes, unless `cancelled` says so. `has_log`: the folder's logs
/// are not empty; if it belongs to no cluster yet, it founds one with that history. The folder must be locked by the caller. Errors: as runtime::founding's and links::open's; `identity_corrupt`; `cancelled`.
result<cluster_seat> take_seat(const node_config& config, bool has_log, logger& log, const runtime::note_handler& notes,
                               const std::function<bool()>& cancelled);

}  // namespace bv::tools
