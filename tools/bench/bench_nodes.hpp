#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "protocols/schema/base/result.hpp"
#include "tools/processes/process_cluster.hpp"

namespace bv::bench {

/// Nodes as processes of their own, as `bv node` runs them, with goods on their shelves. One of them is no cluster and three are:
/// what a cluster costs is measured against the one, loaded in the same way over the same protocol.
class bench_nodes {
 public:
  /// Returns when all serve and have the goods. `folder` is made.
  static result<std::unique_ptr<bench_nodes>> start(const std::string& folder, std::size_t count, std::uint16_t shards);

  processes::process_cluster& nodes() { return nodes_; }
  [[nodiscard]] std::vector<std::uint16_t> ports();
  [[nodiscard]] const std::vector<std::string>& skus() const { return skus_; }
  [[nodiscard]] std::uint16_t shards() const { return shards_; }
  /// CPU seconds of each so far, user and system.
  [[nodiscard]] result<std::vector<double>> cpu_seconds();
  /// Events in the log of all shards that clients caused, once all nodes have the same and no more come.
  result<std::uint64_t> events_at_rest();
  /// Who leads each shard, as some node knows that is up; once all are led.
  result<std::vector<std::string>> leaders();
  result<void> stop();

 private:
  bench_nodes(processes::process_cluster nodes, std::uint16_t shards) : nodes_(std::move(nodes)), shards_(shards) {}
  result<void> wait_for_goods();
  result<std::vector<std::uint64_t>> events_by_node();
  result<std::uint64_t> events_of_cluster();

  processes::process_cluster nodes_;
  const std::uint16_t shards_;
  std::vector<std::string> skus_;
};

/// Of a cluster that is measured.
inline constexpr std::size_t cluster_size = 3;
inline constexpr std::uint16_t cluster_shards = 16;
/// Between two looks at nodes that are not yet as they shall be.
inline constexpr std::chrono::milliseconds between_looks{50};

/// Lets nodes run for a while, as a measurement does.
void let_pass(std::chrono::duration<double> time);

/// Add-to-cart and now and then an emptied cart, over many carts: what connection `connection` sends as its count-th request.
std::string cart_request(const std::vector<std::string>& skus, std::uint32_t connection, std::uint64_t count);

}  // namespace bv::bench
