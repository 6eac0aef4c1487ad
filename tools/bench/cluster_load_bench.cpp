// Three nodes on one machine against one node on it: processes of the same program, with fsync and TLS, loaded by the same
// clients over HTTP. A client of the cluster turns to any node, as behind a balancer, so two thirds of the commands are sent
// on to the node that leads their shard. The clients' CPU comes from the same cores in both.
#include <numeric>

#include "tools/bench/bench_nodes.hpp"
#include "tools/bench/benches.hpp"
#include "tools/bench/http_load.hpp"

namespace bv::bench {
namespace {

double sum(const std::vector<double>& all) { return std::accumulate(all.begin(), all.end(), 0.0); }

/// Loads `count` nodes, and checks that there is an event for each answer.
result<loop_outcome> load(const bench_options& options, std::size_t count, std::uint32_t in_flight) {
  BV_ASSIGN(const auto world, bench_nodes::start(options.folder + "/" + std::to_string(count) + "-nodes", count, cluster_shards));
  const auto next = [&](std::uint32_t connection, std::uint64_t number) { return cart_request(world->skus(), connection, number); };
  // Until carts are in memory and connections are open, another thing is measured.
  BV_ASSIGN(const auto warm, run_http_load(world->ports(), in_flight, options.seconds / 5, next));
  BV_ASSIGN(const auto events_before, world->events_at_rest());
  BV_ASSIGN(const auto cpu_before, world->cpu_seconds());
  BV_ASSIGN(auto outcome, run_http_load(world->ports(), in_flight, options.seconds, next));
  BV_ASSIGN(const auto cpu_after, world->cpu_seconds());
  BV_ASSIGN(const auto events_after, world->events_at_rest());
  if (outcome.failed + warm.failed > 0)
    return failure(error_kind::internal, "check_failed", std::to_string(outcome.failed + warm.failed) + " requests were not answered with 2xx");
  if (events_after - events_before != outcome.accepted)
    return failure(error_kind::internal, "check_failed",
                   std::to_string(outcome.accepted) + " requests were answered and " + std::to_string(events_after - events_before) +
                       " events are in the log");
  outcome.cpu_us_per_op += (sum(cpu_after) - sum(cpu_before)) * 1e6 / static_cast<double>(outcome.accepted);
  BV_TRY(world->stop());
  return outcome;
}

const std::vector<std::string> checked{"every request was answered with 2xx", "one event in the log for each, on every node",
                                       "all nodes ended with exit code 0"};

}  // namespace

result<bench_result> run_cluster_throughput(const bench_options& options) {
  constexpr std::uint32_t in_flight = 1024;
  bench_result said{.name = "cluster-throughput", .reference = "one node, the same load", .durability = "fsync", .seed = options.seed};
  BV_ASSIGN(const auto alone, load(options, 1, in_flight));
  BV_ASSIGN(const auto cluster, load(options, cluster_size, in_flight));
  fill_in(said, cluster, in_flight);
  said.unit = "requests/s";
  said.reference_value = alone.per_second();
  said.ratio = said.value / *said.reference_value;
  said.checks = checked;
  return said;
}

result<bench_result> run_cluster_latency(const bench_options& options) {
  bench_result said{.name = "cluster-latency", .reference = "p50 of one node, the same client", .durability = "fsync", .seed = options.seed};
  BV_ASSIGN(const auto alone, load(options, 1, 1));
  BV_ASSIGN(const auto cluster, load(options, cluster_size, 1));
  fill_in(said, cluster, 1);
  said.unit = "ms";
  said.value = cluster.p50_ms;
  said.reference_value = alone.p50_ms;
  said.ratio = said.value / *said.reference_value;
  said.checks = checked;
  return said;
}

}  // namespace bv::bench
