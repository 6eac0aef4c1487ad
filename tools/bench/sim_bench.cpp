// How fast the simulator is: the whole shop on virtual time, against events that do nothing.
#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "sim/plan/draw.hpp"
#include "sim/plan/shipped.hpp"
#include "sim/run/run.hpp"
#include "sim/world/event_heap.hpp"
#include "tools/bench/benches.hpp"
#include "tools/bench/closed_loop.hpp"

namespace bv::bench {
namespace {

constexpr double events_per_second_min = 50'000;
constexpr double virtual_seconds_min = 2'000;
constexpr std::uint64_t idle_events = 2'000'000;
constexpr int idle_timers = 1000;

struct speed {
  double events_per_second = 0, virtual_seconds_per_second = 0;
  std::uint64_t runs = 0;
};

/// Seed after seed of a shipped scenario, in this process, until the time is over.
result<speed> replay(std::string_view name, std::uint64_t seed, double seconds) {
  const auto shipped = std::ranges::find(sim::shipped_scenarios(), name, &sim::shipped_scenario::name);
  BV_ASSIGN(const auto scenario, sim::read_scenario(shipped->text, std::string(shipped->file)));
  double cpu = 0, virtual_seconds = 0, events = 0;
  speed seen;
  for (; cpu < seconds; ++seed, ++seen.runs) {
    const auto plan = draw(scenario, seed);
    const auto before = cpu_seconds();
    BV_ASSIGN(const auto outcome, sim::run(plan, {}));
    cpu += cpu_seconds() - before;
    if (!outcome.ok())
      return failure(error_kind::internal, "check_failed", std::string(name) + ", seed " + std::to_string(seed) + ": " +
                                                               outcome.violations.front().what);
    virtual_seconds += static_cast<double>(outcome.virtual_time.count()) / 1e9;
    events += static_cast<double>(outcome.turns + outcome.events);
  }
  seen.events_per_second = events / cpu;
  seen.virtual_seconds_per_second = virtual_seconds / cpu;
  return seen;
}

/// Of a heap that holds a thousand timers, each of which only sets itself again.
double idle_events_per_second() {
  sim::event_heap heap{timestamp{}};
  std::function<void()> again = [&] { heap.after(std::chrono::milliseconds{1 + heap.done() % 97}, [&] { again(); }); };
  for (int i = 0; i < idle_timers; ++i) again();
  const auto before = cpu_seconds();
  while (heap.done() < idle_events) {
    heap.pass_to(*heap.next());
    heap.run_one();
  }
  return static_cast<double>(idle_events) / (cpu_seconds() - before);
}

std::string whole(double number) { return std::to_string(static_cast<long long>(number)); }

}  // namespace

result<bench_result> run_sim(const bench_options& options) {
  bench_result said{.name = "sim", .unit = "events/s", .reference = "events that do nothing",
                    .durability = "fsync",
                    .seed = options.seed};
  BV_ASSIGN(const auto shop, replay("swarm", options.seed, options.seconds / 2));
  BV_ASSIGN(const auto checkout, replay("happy_path", options.seed, options.seconds / 2));
  said.value = shop.events_per_second;
  said.reference_value = idle_events_per_second();
  said.ratio = said.value / *said.reference_value;
  said.cpu_us_per_op = 1e6 / said.value;
  said.checks = {whole(static_cast<double>(shop.runs)) + " runs of swarm and " + whole(static_cast<double>(checkout.runs)) +
                     " of happy_path kept all invariants",
                 "happy_path passes " + whole(checkout.virtual_seconds_per_second) + " virtual seconds in one of CPU"};
  if (said.value < events_per_second_min) said.checks.push_back("BELOW the aim of 50000 events/s");
  if (checkout.virtual_seconds_per_second < virtual_seconds_min)
    said.checks.push_back("BELOW the aim of 2000 virtual seconds in a second of CPU");
  return said;
}

}  // namespace bv::bench
