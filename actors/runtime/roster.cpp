#include "actors/runtime/roster.hpp"

#include <algorithm>
#include <utility>

#include "actors/runtime/placement.hpp"

namespace bv::runtime {
namespace {

members::state state_of(const charter& founded, const std::vector<founder>& known) {
  members::state made{.cluster = founded.cluster, .replicas = founded.replicas};
  std::vector<std::uint64_t> ids;
  for (const auto& one : known.empty() ? founded.founders : known) {
    made.nodes.push_back({.id = one.node, .name = one.name, .address = one.address});
    ids.push_back(one.node);
  }
  if (!known.empty()) return made;
  for (std::uint16_t i = 0; i < founded.shards; ++i)
    made.shards.push_back({.voters = founding_voters(i, founded.replicas, ids), .revision = 0, .settled = true});
  return made;
}

}  // namespace

roster::roster(charter founded, const std::vector<founder>& known)
    : founded_(std::move(founded)), view_(std::make_shared<view>(view{0, state_of(founded_, known)})) {}

roster::view_ptr roster::now() const {
  const std::lock_guard lock(mutex_);
  return view_;
}

void roster::update(std::uint64_t version, members::state state) {
  if (state.cluster != founded_.cluster) return;  // of a log that was restored
  const std::lock_guard one_at_a_time(telling_);
  auto newer = std::make_shared<const view>(view{version, std::move(state)});
  {
    const std::lock_guard lock(mutex_);
    if (version <= view_->version) return;
    view_ = newer;
    std::erase_if(waiting_, [&](const node_hello& one) { return members::find(newer->state, one.node.value) != nullptr; });
  }
  changed_.notify_all();
  for (const auto& told : followers_) told(newer);
}

void roster::follow(follower told) {
  const std::lock_guard one_at_a_time(telling_);
  told(now());
  followers_.push_back(std::move(told));
}

void roster::waits(const node_hello& who) {
  const std::lock_guard lock(mutex_);
  std::erase_if(waiting_, [&](const node_hello& one) { return one.node == who.node; });
  if (waiting_.size() == waiting_max) waiting_.erase(waiting_.begin());
  waiting_.push_back(who);
}

void roster::waits_no_more(node_id who) {
  const std::lock_guard lock(mutex_);
  std::erase_if(waiting_, [&](const node_hello& one) { return one.node == who; });
}

std::vector<node_hello> roster::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_;
}

roster::view_ptr roster::wait(const std::function<bool(const view&)>& enough, std::stop_token stop,
                              std::chrono::milliseconds at_most) const {
  std::unique_lock lock(mutex_);
  if (changed_.wait_for(lock, std::move(stop), at_most, [&] { return enough(*view_); })) return view_;
  return nullptr;
}

std::optional<wished_seats> seats_of(const members::state& cluster, storage::shard_id shard) {
  if (shard.value >= cluster.shards.size()) return std::nullopt;
  const auto& place = cluster.shards[shard.value];
  wished_seats wished{.voters = place.voters, .followers = {}, .revision = place.revision, .settled = place.settled};
  for (const auto& one : cluster.nodes)
    if (one.standing != members::standing::parting && std::ranges::find(place.voters, one.id) == place.voters.end())
      wished.followers.push_back(one.id);
  return wished;
}

founder introduction_of(const members::node& who) { return {who.id, who.name, who.address}; }

}  // namespace bv::runtime
