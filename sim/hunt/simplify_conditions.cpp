#include <algorithm>
#include <array>

#include "sim/hunt/simplify.hpp"

namespace bv::sim {
namespace {

using namespace std::chrono_literals;

std::size_t once(const plan&) { return 1; }

bool is_node(std::string_view end) { return end.starts_with('n') && end != "n1"; }

/// Of a link both ends may have become the same.
void drop_loops(plan& p) {
  std::erase_if(p.faults, [](const fault& one) {
    const auto* link = std::get_if<link_fault>(&one.what);
    return link && link->a == link->b;
  });
}

/// All at once: on nodes of their own the clients would not meet.
bool on_first_node(plan& p, std::size_t) {
  bool changed = set_to<std::uint16_t>(p.where.nodes, 1);
  for (auto& client : p.clients) changed |= set_to<std::uint16_t>(client.node, 0);
  for (auto& fault : p.faults) {
    changed |= set_to<std::uint16_t>(fault.node, 0);
    if (auto* link = std::get_if<link_fault>(&fault.what)) {
      for (auto* end : {&link->a, &link->b}) changed |= is_node(*end) && set_to<std::string>(*end, "n1");
    }
  }
  drop_loops(p);
  return changed;
}

/// How many nodes there must be for the fault.
std::uint16_t last_of(const fault& one, std::uint16_t nodes) {
  const auto* link = std::get_if<link_fault>(&one.what);
  if (!link) return one.node == the_leader ? std::uint16_t{1} : static_cast<std::uint16_t>(one.node + 1);
  for (std::uint16_t number = nodes; number > 0; --number)
    for (const auto* end : {&link->a, &link->b})
      if (*end == "n" + std::to_string(number)) return number;
  return 1;
}

bool no_unused_nodes(plan& p, std::size_t) {
  std::uint16_t used = 1;
  for (const auto& client : p.clients) used = std::max<std::uint16_t>(used, client.node + 1);
  for (const auto& fault : p.faults)
    used = std::max(used, last_of(fault, p.where.nodes));
  if (p.clocks.size() > used) p.clocks.resize(used);
  return used < p.where.nodes && set_to(p.where.nodes, used);
}

/// What was the last one's is the first one's then.
bool one_node_fewer(plan& p, std::size_t) {
  if (p.where.nodes == 1) return false;
  const auto last = static_cast<std::uint16_t>(--p.where.nodes);
  const auto name = "n" + std::to_string(last + 1);
  if (p.clocks.size() > last) p.clocks.resize(last);
  for (auto& client : p.clients)
    if (client.node == last) client.node = 0;
  for (auto& fault : p.faults) {
    if (fault.node == last) fault.node = 0;
    if (auto* link = std::get_if<link_fault>(&fault.what))
      for (auto* end : {&link->a, &link->b})
        if (*end == name) *end = "n1";
  }
  drop_loops(p);
  return true;
}

bool in_memory(plan& p, std::size_t) { return set_to(p.where.tier, storage_tier::memory); }
bool one_shard(plan& p, std::size_t) { return set_to<std::uint16_t>(p.where.shards, 1); }
bool turns_in_order(plan& p, std::size_t) { return set_to(p.shuffle_turns, false); }
bool constant_write(plan& p, std::size_t) { return set_to(p.journal_write, span{300us, 300us}); }

constexpr link_conditions perfect{.delay = {100us, 100us}};

bool perfect_network(plan& p, std::size_t) { return set_to(p.network, perfect); }
bool better_network(plan& p, std::size_t which) {
  switch (which) {
    case 0: return set_to(p.network.loss_percent, 0U);
    case 1: return set_to(p.network.duplicate_percent, 0U);
    case 2: return set_to(p.network.delay, perfect.delay);
    default: return set_to(p.network.cut, false);
  }
}

bool exact_clocks(plan& p, std::size_t) {
  if (p.clocks.empty()) return false;
  p.clocks.clear();
  return true;
}
bool no_drift(plan& p, std::size_t node) { return set_to<std::int64_t>(p.clocks[node].drift_ppm, 0); }
bool not_ahead(plan& p, std::size_t node) { return set_to(p.clocks[node].ahead_by, duration{}); }
bool whole_seconds_ahead(plan& p, std::size_t node) { return round_to(p.clocks[node].ahead_by, 1s); }

constexpr std::size_t processor_fields = 8;
bool better_processor(plan& p, std::size_t field) {
  auto& of = p.processor;
  switch (field) {
    case 0: return set_to(of.approve_percent, 100U);
    case 1: return set_to(of.fail_percent, 0U);
    case 2: return set_to(of.hang_percent, 0U);
    case 3: return set_to(of.slow_percent, 0U);
    case 4: return set_to(of.answer_after, duration{});
    case 5: return set_to(of.failures_before_answer, commerce::processor_options{}.failures_before_answer);
    case 6: return set_to(of.cents_decide, false);
    default: return set_to<std::uint64_t>(of.seed, 0);
  }
}

constexpr std::size_t limit_fields = 14;
bool default_limit(plan& p, std::size_t field) {
  const runtime::limits plain;
  auto& of = p.bounds;
  switch (field) {
    case 0: return set_to(of.in_flight_per_shard_max, plain.in_flight_per_shard_max);
    case 1: return set_to(of.batches_in_flight_max, plain.batches_in_flight_max);
    case 2: return set_to(of.batch_size_bytes_max, plain.batch_size_bytes_max);
    case 3: return set_to(of.live_entities_per_shard_max, plain.live_entities_per_shard_max);
    case 4: return set_to(of.idle_before_passivation, plain.idle_before_passivation);
    case 5: return set_to(of.remember_for, plain.remember_for);
    case 6: return set_to(of.remembered_per_entity_max, plain.remembered_per_entity_max);
    case 7: return set_to(of.default_deadline, plain.default_deadline);
    case 8: return set_to(of.projection_rest, plain.projection_rest);
    case 9: return set_to(of.overloaded_retry_after_ms, plain.overloaded_retry_after_ms);
    case 10: return set_to(of.command_size_bytes_max, plain.command_size_bytes_max);
    case 11: return set_to(of.log_page_size_bytes_max, plain.log_page_size_bytes_max);
    case 12: return set_to(of.command_id_size_bytes_max, plain.command_id_size_bytes_max);
    default: return set_to(of.events_before_passivation_snapshot, plain.events_before_passivation_snapshot);
  }
}

bool default_patience(plan& p, std::size_t) {
  const patience plain;
  auto& of = p.clients_patience;
  const bool answer = set_to(of.answer_within, plain.answer_within);
  const bool pause = set_to(of.pause, plain.pause);
  return set_to(of.attempts_max, plain.attempts_max) || answer || pause;
}

/// All fields of a group in one step.
template <std::size_t Fields, bool (*One)(plan&, std::size_t)>
bool all_fields(plan& p, std::size_t) {
  bool changed = false;
  for (std::size_t field = 0; field < Fields; ++field) changed |= One(p, field);
  return changed;
}
template <std::size_t Fields>
std::size_t each_field(const plan&) {
  return Fields;
}
std::size_t each_clock(const plan& p) { return p.clocks.size(); }

/// The moment by which all must have settled stays where it was: what the chaos loses, the settling gains.
bool shorten_chaos(plan& p, duration to) {
  if (to >= p.time.chaos) return false;
  p.time.settle_max += p.time.chaos - to;
  p.time.chaos = to;
  return true;
}
bool shortest_chaos(plan& p, std::size_t) { return shorten_chaos(p, 1s); }
bool shorter_chaos(plan& p, std::size_t) {
  return p.time.chaos > 2s && shorten_chaos(p, std::chrono::ceil<std::chrono::seconds>(p.time.chaos / 2));
}
bool no_linger(plan& p, std::size_t) { return set_to(p.time.linger, duration{}); }
bool shorter_linger(plan& p, std::size_t) { return p.time.linger > 1s && go_halfway(p.time.linger, duration{}); }

constexpr std::array condition_simplifications{
    simplification{"all on one node", once, on_first_node, true},
    simplification{"no unused nodes", once, no_unused_nodes, false},
    simplification{"one node fewer", once, one_node_fewer, true},
    simplification{"journal in memory", once, in_memory, false},
    simplification{"one shard", once, one_shard, false},
    simplification{"turns in order", once, turns_in_order, false},
    simplification{"perfect network", once, perfect_network, false},
    simplification{"better network", each_field<4>, better_network, false},
    simplification{"exact clocks", once, exact_clocks, false},
    simplification{"clock without drift", each_clock, no_drift, false},
    simplification{"clock not ahead", each_clock, not_ahead, false},
    simplification{"clock whole seconds ahead", each_clock, whole_seconds_ahead, false},
    simplification{"friendly processor", once, all_fields<processor_fields, better_processor>, false},
    simplification{"better processor", each_field<processor_fields>, better_processor, false},
    simplification{"default limits", once, all_fields<limit_fields, default_limit>, false},
    simplification{"default limit", each_field<limit_fields>, default_limit, false},
    simplification{"default patience", once, default_patience, false},
    simplification{"writes take the same time", once, constant_write, false},
    simplification{"shortest chaos", once, shortest_chaos, false},
    simplification{"shorter chaos", once, shorter_chaos, false},
    simplification{"no linger", once, no_linger, true},
    simplification{"shorter linger", once, shorter_linger, true},
};

}  // namespace

std::span<const simplification> simpler_conditions() { return condition_simplifications; }

}  // namespace bv::sim
