#include "tools/chaos/fault_injector.hpp"

#include <algorithm>

#include "tools/chaos/asker.hpp"

namespace bv::chaos {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// A node whose disk was full has nothing to write any more.
constexpr milliseconds stop_within{20'000};

}  // namespace

processes::cluster_view fault_injector::look() const {
  constexpr milliseconds look_within{1000};
  for (std::size_t i = 0; i < nodes_.size(); ++i)
    if (auto seen = processes::look_at_cluster(nodes_[i].address(), look_within)) return *std::move(seen);
  return {};
}

result<struck_fault> fault_injector::strike(const planned_fault& what) {
  for (std::size_t i = 0; i < nodes_.size(); ++i) BV_TRY(nodes_[i].still_runs());
  const auto seen = look();
  auto victim = what.node;
  if (what.kind == fault_kind::kill && what.shard < seen.shards.size())
    for (std::size_t i = 0; i < nodes_.size(); ++i)
      if (nodes_[i].name() == seen.shards[what.shard].leader) victim = i;
  struck_fault made{.planned = what, .victim = nodes_[victim].name(), .led = {}, .struck = {}, .undone = {}, .well = {}};
  for (std::size_t shard = 0; shard < seen.shards.size(); ++shard)
    if (seen.shards[shard].leader == made.victim) made.led.push_back(static_cast<std::uint16_t>(shard));
  made.struck = wall_now();
  BV_TRY(begin(what, victim));
  return made;
}

result<void> fault_injector::begin(const planned_fault& what, std::size_t victim) {
  auto& node = nodes_[victim];
  switch (what.kind) {
    case fault_kind::kill: node.kill(); return {};
    case fault_kind::pause: node.pause(); return {};
    case fault_kind::partition: return network_->cut(victim, direction::both);
    case fault_kind::one_way: return network_->cut(victim, what.inbound ? direction::inbound : direction::outbound);
    case fault_kind::loss: return network_->lose(victim, loss_percent);
    case fault_kind::delay: return network_->delay(victim, delay_by);
    case fault_kind::disk_full: return disk_->fill();
  }
  return {};
}

result<void> fault_injector::undo(struck_fault& what) {
  for (std::size_t i = 0; i < nodes_.size(); ++i)
    if (nodes_[i].name() == what.victim) BV_TRY(end(what.planned.kind, nodes_[i]));
  what.undone = wall_now();
  return {};
}

result<void> fault_injector::end(fault_kind kind, processes::node_process& victim) {
  if (kind == fault_kind::kill) return victim.start();
  if (kind == fault_kind::pause) {
    victim.go_on();
    return {};
  }
  if (kind != fault_kind::disk_full) return network_->heal();
  BV_TRY(disk_->give_room());
  BV_TRY(victim.still_runs());
  BV_TRY(victim.stop(stop_within));
  return victim.start();
}

result<void> fault_injector::wait_until_well(milliseconds within) {
  const auto deadline = steady_clock::now() + within;
  for (std::size_t i = 0; i < nodes_.size(); ++i)
    BV_TRY(nodes_[i].wait_until_ready(std::max(milliseconds(1), std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now()))));
  return {};
}

}  // namespace bv::chaos
