// The simulator's checkers take what clients sent and heard, and every committed record. Of real processes we have the same: the
// histories of our own clients, and the nodes' logs once they have stopped. Two things are different:
//
// - When a record was committed nobody has seen; what stands in for it is when the last record of its batch was decided, which is on
//   the disk. All nodes and clients have this machine's one clock. `acknowledged_once` then asks less: that it was decided before it was told.
//   `linearizable` lets what sagas and timers did take effect at that moment. That is as good: nothing of a batch leaves before
//   then; an entity decides on top of all that it has decided, and whoever leads after it has its record or nobody will ever have it;
//   so from then on nobody who asks can miss it, if it comes to be at all.
// - What needs the inside of a node (promises, votes, memory) or of the payment processor is not judged.
#include "tools/chaos/judgement.hpp"

#include <algorithm>
#include <iterator>

#include "protocols/schema/base/assert.hpp"
#include "sim/plan/plan.hpp"

namespace bv::chaos {

std::vector<std::string> judged_invariants() {
  return {"acknowledged_once", "linearizable", "never_oversold", "log_sound", "sagas_end", "timers_fire", "read_models_follow", "replicas_agree"};
}

std::vector<sim::violation> judge(evidence all, node_logs logs) {
  sim::plan judged;
  judged.where = {.nodes = all.nodes, .shards = all.shards, .tier = sim::storage_tier::rocks, .replicas = all.nodes};
  judged.invariants = judged_invariants();
  // Sagas may be held up: something struck.
  judged.faults.push_back({.when = {}, .node = 0, .what = sim::crash_fault{}});
  const auto checkers = sim::make_checkers(judged);
  BV_ASSERT(checkers, "the simulator has the invariants that are named here");

  std::vector<sim::violation> found;
  sim::observations seen{.now = all.ended, .history = std::move(all.history), .records = std::move(logs.records), .loads = {}, .processor = {},
                         .states = {}, .read_models = std::move(logs.read_models)};
  for (const auto& one : *checkers) {
    for (const auto& breach : all.breaches) one->on_breach(breach.invariant, breach.what, breach.at, found);
    for (const auto& record : seen.records) one->on_record(record, found);
    one->at_end(seen, found);
  }
  return found;
}

}  // namespace bv::chaos
