#pragma once

#include <cstdint>
#include <string>

#include "tools/admin/admin_client.hpp"

namespace bv::tools {

struct cluster_show_options {
  node_place node;
  bool json = false;
};

/// `bv admin nodes` and `bv admin shards`. Exit codes: 0 shown, 1 the node could not be asked, 2 usage.
int run_nodes_command(const cluster_show_options& options);
int run_shards_command(const cluster_show_options& options);

struct cluster_change_options {
  node_place node;
  std::string operation;  ///< join, replace, drain, resume, remove, rebalance, transfer
  std::string name, with;
  int shard = -1;
  bool fewer_replicas = false;
  bool wait = true;
  bool json = false;
};

/// Asks for a change of the cluster, and waits for it unless told otherwise. Exit codes: 0 it is so, 1 it was refused, 2 usage.
int run_cluster_change_command(const cluster_change_options& options);

}  // namespace bv::tools
