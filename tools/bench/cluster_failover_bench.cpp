// The gap that a client sees when a leader is killed: for each shard that the killed node led, from the last answer before to
// the first after. What is told of a kill is its worst shard.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>

#include "tools/bench/bench_nodes.hpp"
#include "tools/bench/benches.hpp"
#include "tools/bench/closed_loop.hpp"
#include "tools/bench/failover_writers.hpp"

namespace bv::bench {
namespace {

using std::chrono::milliseconds;

constexpr double kills_a_second_asked_for = 10;
/// Before a kill all shards are answered for so long.
constexpr milliseconds calm{700};
/// After it at least, and until all shards are answered again: an answer not older than that.
constexpr milliseconds after_kill{1000}, answered_lately{200};
constexpr double gap_seconds_max = 20;
constexpr milliseconds back_within{60'000};

using answers_by_shard = std::map<std::uint16_t, std::vector<double>>;

void add(answers_by_shard& to, failover_writers& from) {
  for (const auto& one : from.take_answers()) to[one.shard].push_back(one.at);
}

double seconds_of(milliseconds time) { return std::chrono::duration<double>(time).count(); }

/// The longest silence of a shard that ended after the kill.
double gap_of(const std::vector<double>& answers, double killed_at) {
  double longest = 0;
  for (std::size_t i = 1; i < answers.size(); ++i)
    if (answers[i] > killed_at) longest = std::max(longest, answers[i] - answers[i - 1]);
  return longest;
}

/// Kills the node, measures, and brings it back. In milliseconds.
result<float> kill_once(bench_nodes& world, std::size_t which, failover_writers& writers) {
  BV_ASSIGN(const auto led_by, world.leaders());
  auto& victim = world.nodes()[which];
  (void)writers.take_answers();
  let_pass(calm);
  const auto killed_at = wall_seconds();
  victim.kill();
  let_pass(after_kill);
  std::vector<std::uint16_t> led;
  for (std::uint16_t shard = 0; shard < led_by.size(); ++shard)
    if (led_by[shard] == victim.name()) led.push_back(shard);
  answers_by_shard seen;
  const auto answered_again = [&](std::uint16_t shard) {
    const auto& answers = seen[shard];
    return !answers.empty() && answers.back() > std::max(killed_at, wall_seconds() - seconds_of(answered_lately));
  };
  for (add(seen, writers); !std::ranges::all_of(led, answered_again); add(seen, writers)) {
    if (wall_seconds() > killed_at + gap_seconds_max) {
      BV_TRY(writers.stop());  // it may be they who stopped
      return failure(error_kind::internal, "check_failed",
                     "a shard was not answered for within " + std::to_string(gap_seconds_max) + " s of the kill of its leader");
    }
    let_pass(between_looks);
  }
  double worst = 0;
  for (const auto shard : led) worst = std::max(worst, gap_of(seen[shard], killed_at));
  BV_TRY(victim.start());
  BV_TRY(victim.wait_until_ready(back_within));
  return static_cast<float>(worst * 1e3);
}

/// Until the node leads shards again: they move back to it after a while.
result<bool> leads_again(bench_nodes& world, const std::string& name) {
  const auto deadline = wall_seconds() + 30;
  while (wall_seconds() < deadline) {
    BV_ASSIGN(const auto led_by, world.leaders());
    if (std::ranges::count(led_by, name) >= static_cast<std::ptrdiff_t>(cluster_shards / cluster_size)) return true;
    let_pass(between_looks);
  }
  return false;
}

}  // namespace

result<bench_result> run_cluster_failover(const bench_options& options) {
  bench_result said{.name = "cluster-failover", .unit = "ms", .reference = {}, .durability = "fsync", .seed = options.seed};
  BV_ASSIGN(const auto world, bench_nodes::start(options.folder + "/nodes", cluster_size, cluster_shards));
  BV_ASSIGN(const auto before, world->events_at_rest());
  failover_writers writers(world->ports(), cluster_shards, world->skus());
  std::vector<float> gaps;
  const auto kills = std::max<std::size_t>(1, static_cast<std::size_t>(std::lround(options.seconds * kills_a_second_asked_for)));
  for (std::size_t i = 0; i < kills; ++i) {
    const auto which = i % cluster_size;
    BV_ASSIGN(const auto moved_back, leads_again(*world, world->nodes()[which].name()));
    if (!moved_back) return failure(error_kind::internal, "check_failed", "shards did not move back to a node within 30 s");
    BV_ASSIGN(const auto gap, kill_once(*world, which, writers));
    gaps.push_back(gap);
  }
  BV_ASSIGN(const auto answered, writers.stop());
  BV_ASSIGN(const auto after, world->events_at_rest());
  // What was under way at the end may have happened or not: one command a writer.
  const auto events = after - before;
  if (events < answered || events > answered + 2ULL * cluster_shards)
    return failure(error_kind::internal, "check_failed",
                   std::to_string(answered) + " commands were answered and " + std::to_string(events) + " events are in the log");
  said.p50_ms = quantile(gaps, 0.5);
  said.p99_ms = quantile(gaps, 0.99);
  said.value = *said.p50_ms;
  said.checks = {std::to_string(kills) + " kills, each followed by answers of every shard that was led there",
                 "one event in the log for each command that was answered, on every node"};
  BV_TRY(world->stop());
  return said;
}

}  // namespace bv::bench
