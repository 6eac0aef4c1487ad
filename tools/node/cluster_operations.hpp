#pragma once

#include <memory>
#include <vector>

#include "actors/runtime/node.hpp"
#include "protocols/admin/operation.hpp"

namespace bv::tools {

/// What operators ask of a cluster, through any of its nodes. `of` must outlive them.
///
///   cluster                                    → {"node", "nodes": […], "waiting": […], "shards": […], "settled", "balancing"}
///   join, drain, resume {"name"}
///   replace {"name", "with"}                   `with`: the node that waits; left out, the one of the same name
///   remove {"name", "fewer_replicas"}
///   rebalance {}
///   transfer {"shard", "name"}
///
/// All but the first take "wait" too (true unless said otherwise): they end when the cluster is as it was asked for, and tell
/// {"settled", "shards"} meanwhile. The result is that of `cluster`.
/// Errors: `bad_arguments` (invalid), `not_waiting` (not_found), those of the commands in members.capnp, and `cancelled`, which undoes nothing.
std::vector<std::unique_ptr<admin::operation>> make_cluster_operations(runtime::node& of);

}  // namespace bv::tools
