// What a cluster costs that nobody asks: heartbeats of every shard, and timers.
#include <algorithm>
#include <chrono>

#include "tools/bench/bench_nodes.hpp"
#include "tools/bench/benches.hpp"
#include "tools/bench/closed_loop.hpp"

namespace bv::bench {
namespace {

constexpr double settle_seconds_max = 5;

}  // namespace

result<bench_result> run_cluster_idle(const bench_options& options) {
  constexpr std::uint16_t shards = 64;
  bench_result said{.name = "cluster-idle", .unit = "% of a core", .reference = {}, .durability = "fsync", .seed = options.seed};
  BV_ASSIGN(const auto world, bench_nodes::start(options.folder + "/nodes", cluster_size, shards));
  // What start and sample data left to do shall be done.
  let_pass(std::chrono::duration<double>(std::min(settle_seconds_max, options.seconds)));
  const auto began = wall_seconds();
  BV_ASSIGN(const auto before, world->cpu_seconds());
  let_pass(std::chrono::duration<double>(options.seconds));
  BV_ASSIGN(const auto after, world->cpu_seconds());
  const auto lasted = wall_seconds() - began;
  // The busiest node's. The kernel counts in hundredths of a second: less than one is not nothing.
  said.value = 1 / lasted;
  for (std::size_t i = 0; i < cluster_size; ++i) said.value = std::max(said.value, (after[i] - before[i]) / lasted * 100);
  BV_ASSIGN(const auto led_by, world->leaders());
  if (std::ranges::count(led_by, led_by.front()) == shards) return failure(error_kind::internal, "check_failed", "one node leads all shards");
  BV_TRY(world->stop());
  said.checks = {"all shards are led, and by several nodes", "all nodes ended with exit code 0"};
  return said;
}

}  // namespace bv::bench
