#include "tools/bench/closed_loop.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <utility>

#include "actors/runtime/clock.hpp"

namespace bv::bench {
namespace {

/// One request at a time: its members need no lock.
struct loop_slot {
  std::uint64_t count = 0, accepted = 0, rejected = 0, failed = 0;
  double sent_at = 0;
  std::vector<float> latencies_ms;
};

struct loop_state {
  runtime::gateway& entities;
  const std::function<runtime::command_request(std::uint32_t, std::uint64_t)>& next;
  double until = 0;
  std::vector<loop_slot> slots;
  std::atomic<std::uint32_t> running{0};
  std::promise<void> over;

  void send(std::uint32_t number) {
    auto& slot = slots[number];
    const auto now = wall_seconds();
    if (now >= until) {
      if (--running == 0) over.set_value();
      return;
    }
    slot.sent_at = now;
    entities.ask(next(number, slot.count++), [this, number](const result<runtime::receipt>& answer) {
      auto& answered = slots[number];
      answered.latencies_ms.push_back(static_cast<float>((wall_seconds() - answered.sent_at) * 1e3));
      if (answer)
        ++answered.accepted;
      else if (answer.error().kind == error_kind::conflict)
        ++answered.rejected;
      else
        ++answered.failed;
      send(number);
    });
  }
};

}  // namespace

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6; };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double quantile(std::vector<float>& values, double q) {
  if (values.empty()) return 0;
  const auto at = static_cast<std::ptrdiff_t>(q * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + at, values.end());
  return values[static_cast<std::size_t>(at)];
}

loop_outcome run_closed_loop(runtime::gateway& entities, std::uint32_t in_flight, double seconds,
                             const std::function<runtime::command_request(std::uint32_t, std::uint64_t)>& next) {
  loop_state state{.entities = entities, .next = next, .until = 0, .slots = std::vector<loop_slot>(in_flight), .over = {}};
  const auto cpu_before = cpu_seconds();
  const auto began = wall_seconds();
  state.until = began + seconds;
  state.running = in_flight;
  auto over = state.over.get_future();
  for (std::uint32_t i = 0; i < in_flight; ++i) state.send(i);
  over.wait();

  loop_outcome outcome;
  outcome.seconds = wall_seconds() - began;
  std::vector<float> latencies;
  for (const auto& slot : state.slots) {
    outcome.accepted += slot.accepted;
    outcome.rejected += slot.rejected;
    outcome.failed += slot.failed;
    latencies.insert(latencies.end(), slot.latencies_ms.begin(), slot.latencies_ms.end());
  }
  const auto done = std::max<std::uint64_t>(1, outcome.accepted + outcome.rejected + outcome.failed);
  outcome.cpu_us_per_op = (cpu_seconds() - cpu_before) * 1e6 / static_cast<double>(done);
  outcome.p50_ms = quantile(latencies, 0.5);
  outcome.p99_ms = quantile(latencies, 0.99);
  return outcome;
}

result<void> send_all(runtime::gateway& entities, std::uint32_t in_flight, std::uint64_t count,
                      const std::function<runtime::command_request(std::uint64_t)>& next) {
  // Setting up is not what is measured: it may take its time on a busy machine.
  const auto patient_until = runtime::system_clock().now() + std::chrono::minutes{5};
  std::mutex mutex;
  std::uint64_t sent = 0, answered = 0;
  result<void> outcome;
  std::promise<void> over;
  std::function<void()> send = [&] {
    std::unique_lock lock(mutex);
    if (sent == count) return;
    const auto number = sent++;
    lock.unlock();
    auto request = next(number);
    request.deadline = patient_until;
    entities.ask(std::move(request), [&](const result<runtime::receipt>& answer) {
      std::unique_lock done(mutex);
      if (!answer && answer.error().kind != error_kind::conflict && outcome) outcome = failure(answer.error());
      const bool last = ++answered == count;
      done.unlock();
      if (last)
        over.set_value();
      else
        send();
    });
  };
  if (count == 0) return {};
  for (std::uint32_t i = 0; i < in_flight; ++i) send();
  over.get_future().wait();
  return outcome;
}

void fill_in(bench_result& into, const loop_outcome& from, std::uint32_t in_flight) {
  into.value = from.per_second();
  into.unit = "commands/s";
  into.p50_ms = from.p50_ms;
  into.p99_ms = from.p99_ms;
  into.cpu_us_per_op = from.cpu_us_per_op;
  into.in_flight = in_flight;
}

}  // namespace bv::bench
