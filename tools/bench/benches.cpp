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
      {"sim", "the simulator: the shop on virtual time", run_sim},
  };
  return all;
}

}  // namespace bv::bench
