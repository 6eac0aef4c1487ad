#include "tools/chaos/asker.hpp"

#include <chrono>
#include <utility>

namespace bv::chaos {
namespace {

using std::chrono::milliseconds;

/// A client that waits longer asks another node.
constexpr milliseconds patience{1000};
/// Who did not answer is not asked for so long, if there is another.
constexpr duration avoided_for = milliseconds(500);
/// Whoever took longer is told of with all attempts.
constexpr duration long_time = milliseconds(300);
/// Before the next node is asked. A node that says 503 or 504 has tried for a while itself.
constexpr unsigned pause_from_ms = 5, pause_to_ms = 40;

}  // namespace

timestamp wall_now() { return {std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count()}; }

void tally::add(const tally& other) {
  for (const auto& [what, count] : other.attempts) attempts[what] += count;
  latencies_ms.insert(latencies_ms.end(), other.latencies_ms.begin(), other.latencies_ms.end());
  ways.insert(other.ways.begin(), other.ways.end());
}

asker::asker(const askers_world& around, std::uint64_t seed) : around_(around), chance_(seed), avoid_until_(around.nodes.size()) {
  for (const auto& one : around.nodes) to_.emplace_back(one, http_client::options{.within = patience});
}

const sim::operation& asker::ask(shop_request what) {
  return ask(std::move(what), next_after(chance_.below(to_.size()), wall_now()), true);
}
const sim::operation& asker::ask_at(std::size_t node, shop_request what) { return ask(std::move(what), node, false); }

std::size_t asker::next_after(std::size_t node, timestamp now) const {
  for (std::size_t i = 1; i <= to_.size(); ++i)
    if (const auto next = (node + i) % to_.size(); avoid_until_[next] <= now) return next;
  return (node + 1) % to_.size();
}

const sim::operation& asker::ask(shop_request what, std::size_t node, bool turns) {
  auto& asked = history_.emplace_back(std::move(what.what));
  asked.invoked = wall_now();
  std::string way = (asked.command.empty() ? "view" : asked.command) + " of " + std::string(asked.entity.type_and_id()) + ":";
  while (around_.run.now() != going::phase::over) {
    ++asked.attempts;
    auto said = around_.language.understand(asked, to_[node].ask(what.wire));
    const auto now = wall_now();
    ++seen_.attempts[said.as];
    way += " n" + std::to_string(node + 1) + " " + said.as + " at " + std::to_string((now - asked.invoked).count() / 1'000'000) + " ms;";
    if (said.outcome) {
      asked.returned = now;
      asked.outcome = *std::move(said.outcome);
      seen_.latencies_ms.push_back(static_cast<double>((now - asked.invoked).count()) / 1e6);
      if (now - asked.invoked >= long_time) seen_.ways.emplace(operation_id{asked.client, asked.invoked}, std::move(way));
      around_.answered.fetch_add(1, std::memory_order_relaxed);
      break;
    }
    avoid_until_[node] = now + avoided_for;
    if (turns) node = next_after(node, now);
    around_.run.pause(milliseconds(pause_from_ms + chance_.below(pause_to_ms - pause_from_ms)));
  }
  return asked;
}

}  // namespace bv::chaos
