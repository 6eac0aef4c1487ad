#include "tools/bench/benches.hpp"

namespace bv::bench {

const std::vector<bench>& benches() {
  static const std::vector<bench> all{
      {"journal", "200-byte records into the journal, 512 in flight", run_journal},
      {"commands", "add-to-cart over 10,000 carts, in process, 1,024 in flight", run_commands},
      {"hot", "reservations of one SKU, 1,024 in flight", run_hot},
      {"http", "add-to-cart over HTTP, 64 keep-alive connections", run_http},
      {"latency", "one client, one command at a time", run_latency},
      {"checkout", "checkout sagas of two lines, 256 in flight", run_checkout},
      {"memory", "a million carts, live and passivated", run_memory},
      {"recovery", "start with a million carts on disk", run_recovery},
      {"cluster-throughput", "add-to-cart over HTTP to three nodes, 1,024 in flight", run_cluster_throughput},
      {"cluster-latency", "add-to-cart over HTTP to three nodes, one at a time", run_cluster_latency},
      {"cluster-failover", "how long nobody is answered after a leader's kill -9; ten kills a second asked for", run_cluster_failover},
      {"cluster-idle", "CPU of a node of three with 64 shards that nobody asks", run_cluster_idle},
      {"sim", "the simulator: the shop on virtual time", run_sim},
  };
  return all;
}

}  // namespace bv::bench
