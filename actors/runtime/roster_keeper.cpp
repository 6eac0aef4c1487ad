#include "actors/runtime/roster_keeper.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "actors/runtime/entity.hpp"
#include "actors/runtime/router.hpp"

namespace bv::runtime {

roster_keeper::roster_keeper(caf::actor_config& config, surroundings around)
    : mailed_actor(config),
      around_(std::move(around)),
      key_(members::key()),
      shard_(shard_of(key_, around_.log.shard_count())),
      type_(members::make_type()) {}

caf::behavior roster_keeper::make_behavior() {
  const std::array wanted{event_interest{std::string(key_.type())}};
  waker_.emplace(around_.log, caf::actor_cast<caf::actor>(this), wanted, duration::zero(), [this] { read_log(); });
  caf::delayed_anon_send(caf::actor_cast<caf::actor>(this), between_ticks, roster_tick{});
  return {[](const run_action& mail) { mail.action(); },
          [this](const roster_tick&) {
            tick();
            caf::delayed_anon_send(caf::actor_cast<caf::actor>(this), between_ticks, roster_tick{});
          }};
}

/// The waker also comes for what is of no interest, so this looks first whether there is anything new.
void roster_keeper::read_log() {
  const auto row = around_.store.derived->find(shard_, key_);
  if (row && (!*row || (*row)->version <= around_.kept.now()->version)) return;
  const auto found = row ? recover_entity(around_.store, shard_, key_, *type_, around_.bounds) : failure(row.error());
  members::state now;
  const auto read = found ? members::contract::decode(type_->encode(*found->state), now) : failure(found.error());
  if (!read)
    return around_.notes({note_level::error, "the cluster's membership can't be read from the log: " + describe(read.error())});
  around_.kept.update(found->version, std::move(now));
}

void roster_keeper::tick() {
  if (!around_.log.led_here(shard_)) return silent_for_.clear();
  if (around_.kept.now()->version == 0) return found();
  look_around();
}

void roster_keeper::found() {
  const auto& charter = around_.kept.founded();
  members::found wish{.cluster = charter.cluster, .shards = charter.shards, .replicas = charter.replicas, .founders = {}, .history = charter.history > 0};
  for (const auto& one : charter.founders) wish.founders.push_back({one.node, one.name, one.address, 1});
  ask(wish);
}

void roster_keeper::look_around() {
  const auto known = around_.kept.now();
  auto there = around_.links.reached();
  there.push_back(around_.links.self());
  for (const auto& one : known->state.nodes) {
    const auto hello = std::ranges::find(there, node_id{one.id}, &node_hello::node);
    if (hello == there.end()) {
      const auto silent = ++silent_for_[one.id] * between_ticks;
      if (around_.lost_after > duration::zero() && silent >= around_.lost_after && one.standing == members::standing::active)
        ask(members::lose{one.id});
      continue;
    }
    silent_for_.erase(one.id);
    if (one.standing == members::standing::lost || hello->feature_level != one.feature_level || hello->address != one.address)
      ask(members::regain{one.id, hello->feature_level, hello->address});
  }
}

/// One at a time; what is still true is asked for again.
void roster_keeper::ask(const members::command& what) {
  if (std::exchange(asking_, true)) return;
  around_.entities.ask({.entity = key_, .command = members::contract::encode(what), .command_id = {}, .from = {}, .deadline = {}, .expected_version = {}},
                       [to = caf::actor_cast<caf::weak_actor_ptr>(this), this](const result<receipt>&) {
                         if (const auto there = caf::actor_cast<caf::actor>(to))
                           caf::anon_send(there, run_action{[this] { asking_ = false; }});
                       });
}

}  // namespace bv::runtime
