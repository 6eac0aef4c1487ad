#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tools/chaos/chaos_report.hpp"
#include "tools/chaos/interruption.hpp"

namespace bv::chaos {

enum class network_kind { loopback, namespaces };

struct chaos_options {
  std::size_t nodes = 3;
  std::uint16_t shards = 16;
  std::uint64_t seed = 1;
  std::vector<fault_kind> kinds;
  std::size_t kills = 0, partitions = 0;
  std::chrono::seconds lasts{60};  ///< without kills and partitions
  network_kind network = network_kind::namespaces;
  std::size_t clients = 16;
  std::string folder;              ///< for the nodes; made if it is missing, and must be empty
  std::string replay;              ///< for the report
};

/// Starts nodes, puts load on them, lets faults strike, heals, waits until all is at rest, and judges. `tell` gets a line for people now
/// and then. Call it on the main thread, before there are others. What is found is in the report; an error says why there is none:
/// those of network_lab, small_disk, process_cluster and `not_stocked`.
result<chaos_report> run_chaos(const chaos_options& options, interruption& stop, const std::function<void(const std::string&)>& tell);

}  // namespace bv::chaos
