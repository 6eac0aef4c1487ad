#pragma once

#include <optional>

#include "tools/chaos/fault.hpp"
#include "tools/chaos/network_lab.hpp"
#include "tools/chaos/small_disk.hpp"
#include "tools/processes/process_cluster.hpp"

namespace bv::chaos {

/// Does to real processes and networks what a schedule says. One fault at a time, so that a majority is always there.
class fault_injector {
 public:
  /// What a fault needs that is null must not be asked of it.
  fault_injector(processes::process_cluster& nodes, network_lab* network, small_disk* disk) : nodes_(nodes), network_(network), disk_(disk) {}

  /// Errors: `node_ended` (by itself, before), `network_failed`, `disk_failed`.
  result<struck_fault> strike(const planned_fault& what);
  result<void> undo(struck_fault& what);
  /// Until all nodes serve. Errors: `node_ended`, `not_ready`.
  result<void> wait_until_well(std::chrono::milliseconds within);

 private:
  [[nodiscard]] processes::cluster_view look() const;
  result<void> begin(const planned_fault& what, std::size_t victim);
  result<void> end(fault_kind kind, processes::node_process& victim);

  processes::process_cluster& nodes_;
  network_lab* const network_;
  small_disk* const disk_;
};

}  // namespace bv::chaos
