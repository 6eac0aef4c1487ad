#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/schema/base/result.hpp"
#include "tools/bench/bench_result.hpp"

namespace bv::bench {

struct bench_options {
  std::string folder;       ///< an empty one, for the data of this run; the caller removes it
  double seconds = 10;      ///< of measuring; set-up and checks come on top
  std::uint64_t seed = 1;
  std::uint64_t scale = 1'000'000;  ///< aggregates of `memory` and `recovery`
};

struct bench {
  std::string_view name;
  std::string_view purpose;
  result<bench_result> (*run)(const bench_options&);
};

/// All benchmarks, in the order in which they are documented. Those of one subject have names that begin alike, up to a hyphen.
const std::vector<bench>& benches();

result<bench_result> run_journal(const bench_options& options);
result<bench_result> run_commands(const bench_options& options);
result<bench_result> run_hot(const bench_options& options);
result<bench_result> run_http(const bench_options& options);
result<bench_result> run_latency(const bench_options& options);
result<bench_result> run_checkout(const bench_options& options);
result<bench_result> run_memory(const bench_options& options);
result<bench_result> run_recovery(const bench_options& options);
result<bench_result> run_sim(const bench_options& options);
result<bench_result> run_cluster_throughput(const bench_options& options);
result<bench_result> run_cluster_latency(const bench_options& options);
result<bench_result> run_cluster_failover(const bench_options& options);
result<bench_result> run_cluster_idle(const bench_options& options);

}  // namespace bv::bench
