// The rules of a cluster's membership (protocols/schema/cluster/members.capnp). A decision is what was asked for, and then all that
// follows from it: places that have to change, a few at a time, and nodes that may go because no shard counts on them any more. What a
// shard's group does about its place is seat_keeper's business.

#include "actors/runtime/members.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "actors/runtime/placement.hpp"

namespace bv::runtime::members {

// Found by typed_aggregate, through the types' namespace.
result<std::vector<event>> decide(const state& now, const command& asked, const context& about);
void evolve(state& now, const event& happened);

namespace {

using decision = result<std::vector<event>>;

tl::unexpected<error> rejected(std::string code, std::string message) {
  return failure(error_kind::conflict, std::move(code), std::move(message));
}

tl::unexpected<error> unknown_node(const std::string& name) {
  return failure(error_kind::not_found, "unknown_node", "the cluster has no node " + name);
}

bool goes(const node& one) { return one.standing == standing::leaving || one.standing == standing::parting; }

/// The member of that name; of two, while one replaces the other, the one that stays.
const node* staying(const state& now, std::string_view name) {
  const node* found = nullptr;
  for (const auto& one : now.nodes)
    if (one.name == name && (!found || goes(*found))) found = &one;
  return found;
}

result<const node*> member_that_stays(const state& now, const std::string& name) {
  const auto* const found = staying(now, name);
  if (!found) return unknown_node(name);
  if (goes(*found)) return rejected("node_leaving", "node " + name + " is being removed");
  return found;
}

std::size_t count_standing(const state& now, standing how) {
  return static_cast<std::size_t>(std::ranges::count(now.nodes, how, &node::standing));
}

/// What happens, and the state that it leads to.
class story {
 public:
  story(const state& before, timestamp now) : state_(before), now_(now) {}

  void add(event happened) {
    evolve(state_, happened);
    events_.push_back(std::move(happened));
  }
  [[nodiscard]] const state& now() const { return state_; }
  [[nodiscard]] timestamp at() const { return now_; }

  /// What follows from it.
  decision end() && {
    let_go();
    while (auto next = next_place()) add(placed{next->shard, std::move(next->voters), now_});
    if (state_.balancing && unsettled(state_) == 0) add(balancing{false, now_});
    return std::move(events_);
  }

 private:
  void let_go() {
    if (unsettled(state_) > 0) return;
    std::vector<event> next;
    for (const auto& one : state_.nodes) {
      if (one.standing == standing::parting) next.emplace_back(removed{one.id, one.name, now_});
      if (one.standing == standing::leaving && !has_vote(one.id)) next.emplace_back(stood{one.id, standing::parting, now_});
    }
    for (auto& one : next) add(std::move(one));
  }

  [[nodiscard]] bool has_vote(std::uint64_t id) const {
    return std::ranges::any_of(state_.shards, [id](const place& one) { return std::ranges::find(one.voters, id) != one.voters.end(); });
  }

  [[nodiscard]] std::optional<placement> next_place() const {
    const bool more = unsettled(state_) < moves_at_once;
    if (auto repair = next_repair(state_, more)) return repair;
    return state_.balancing && more ? next_balance(state_) : std::nullopt;
  }

  state state_;
  const timestamp now_;
  std::vector<event> events_;
};

void let_in(story& of, const identity& who) {
  of.add(joined{who, of.at()});
  if (!of.now().balancing) of.add(balancing{true, of.at()});
}

result<void> check_newcomer(const state& now, const identity& who, std::uint64_t in_place_of) {
  if (std::ranges::find(now.removed, who.id) != now.removed.end())
    return rejected("node_removed", "node " + who.name + " was removed for ever: give it an empty data folder");
  for (const auto& one : now.nodes)
    if (one.name == who.name && one.id != who.id && one.id != in_place_of)
      return rejected("name_taken", "the cluster has a node " + who.name + " already: replace it, or change [node] id");
  return {};
}

decision on(const state& now, const found& wish, const context& about) {
  // A log that was restored tells of a cluster that is no more.
  if (!now.nodes.empty() && now.cluster == wish.cluster) return std::vector<event>{};
  founded fact{.cluster = wish.cluster, .replicas = wish.replicas, .nodes = wish.founders, .shards = {}, .at = about.now};
  std::vector<std::uint64_t> ids;
  for (const auto& one : wish.founders) ids.push_back(one.id);
  for (std::uint16_t i = 0; i < wish.shards; ++i)
    fact.shards.push_back({.voters = founding_voters(i, wish.replicas, ids), .revision = 0, .settled = !wish.history});
  return std::vector<event>{std::move(fact)};
}

decision on(const state& now, const join& wish, const context& about) {
  if (find(now, wish.node.id)) return std::vector<event>{};
  BV_TRY(check_newcomer(now, wish.node, 0));
  story of(now, about.now);
  let_in(of, wish.node);
  return std::move(of).end();
}

decision on(const state& now, const replace& wish, const context& about) {
  if (find(now, wish.node.id)) return std::vector<event>{};
  BV_ASSIGN(const auto* const old, member_that_stays(now, wish.name));
  BV_TRY(check_newcomer(now, wish.node, old->id));
  story of(now, about.now);
  of.add(stood{old->id, standing::leaving, about.now});
  let_in(of, wish.node);
  return std::move(of).end();
}

decision on(const state& now, const drain& wish, const context& about) {
  BV_ASSIGN(const auto* const who, member_that_stays(now, wish.name));
  if (who->standing == standing::draining) return std::vector<event>{};
  if (count_standing(now, standing::active) == (who->standing == standing::active ? 1U : 0U))
    return rejected("too_few_nodes", "no other node could lead what " + wish.name + " leads");
  story of(now, about.now);
  of.add(stood{who->id, standing::draining, about.now});
  return std::move(of).end();
}

decision on(const state& now, const resume& wish, const context& about) {
  BV_ASSIGN(const auto* const who, member_that_stays(now, wish.name));
  if (who->standing != standing::draining) return std::vector<event>{};
  story of(now, about.now);
  of.add(stood{who->id, standing::active, about.now});
  if (!now.balancing) of.add(balancing{true, about.now});
  return std::move(of).end();
}

decision on(const state& now, const remove& wish, const context& about) {
  const auto* const who = staying(now, wish.name);
  if (!who) return unknown_node(wish.name);
  if (goes(*who)) return std::vector<event>{};
  const auto left = now.nodes.size() - static_cast<std::size_t>(std::ranges::count_if(now.nodes, goes)) - 1;
  if (left == 0 || (left < now.replicas && !wish.fewer_replicas))
    return rejected("too_few_nodes", "without " + wish.name + " there are " + std::to_string(left) + " nodes for " +
                                         std::to_string(now.replicas) + " replicas of each shard: replace it, or say that fewer will do");
  if (who->standing == standing::active && count_standing(now, standing::active) == 1)
    return rejected("too_few_nodes", "no other node could lead what " + wish.name + " leads");
  story of(now, about.now);
  of.add(stood{who->id, standing::leaving, about.now});
  return std::move(of).end();
}

decision on(const state& now, const rebalance&, const context& about) {
  story of(now, about.now);
  if (!now.balancing) of.add(balancing{true, about.now});
  return std::move(of).end();
}

decision on(const state& now, const prefer& wish, const context& about) {
  if (wish.shard >= now.shards.size())
    return failure(error_kind::not_found, "unknown_shard", "there are shards 0 to " + std::to_string(now.shards.size() - 1), "shard");
  BV_ASSIGN(const auto* const who, member_that_stays(now, wish.name));
  auto voters = now.shards[wish.shard].voters;
  const auto at = std::ranges::find(voters, who->id);
  if (at == voters.end())
    return rejected("not_a_voter", "node " + wish.name + " has no vote on shard " + std::to_string(wish.shard));
  if (who->standing != standing::active) return rejected("node_not_active", "node " + wish.name + " is to lead nothing now");
  if (at == voters.begin()) return std::vector<event>{};
  std::rotate(voters.begin(), at, at + 1);
  return std::vector<event>{placed{wish.shard, std::move(voters), about.now}};
}

decision on(const state& now, const lose& wish, const context& about) {
  const auto* const who = find(now, wish.id);
  // Without somebody to vote in its place it is better to go on counting on it.
  if (!who || who->standing != standing::active || count_standing(now, standing::active) <= now.replicas)
    return std::vector<event>{};
  story of(now, about.now);
  of.add(stood{who->id, standing::lost, about.now});
  return std::move(of).end();
}

decision on(const state& now, const regain& wish, const context& about) {
  const auto* const who = find(now, wish.id);
  if (!who) return std::vector<event>{};
  story of(now, about.now);
  if (wish.feature_level != who->feature_level || wish.address != who->address)
    of.add(described{wish.id, wish.feature_level, wish.address, about.now});
  if (who->standing == standing::lost) {
    of.add(stood{wish.id, standing::active, about.now});
    if (!now.balancing) of.add(balancing{true, about.now});
  }
  return std::move(of).end();
}

decision on(const state& now, const settle& wish, const context& about) {
  if (wish.shard >= now.shards.size()) return std::vector<event>{};
  const auto& shard = now.shards[wish.shard];
  if (shard.settled || shard.revision != wish.revision) return std::vector<event>{};
  story of(now, about.now);
  of.add(settled{wish.shard, wish.revision, about.now});
  return std::move(of).end();
}

// --- What has happened -------------------------------------------------------------------------------------------

void insert(state& into, const identity& who, timestamp at) {
  node made{.id = who.id, .name = who.name, .address = who.address, .standing = standing::active,
            .feature_level = who.feature_level, .since = at};
  const auto where = std::ranges::upper_bound(into.nodes, made.name, {}, &node::name);
  into.nodes.insert(where, std::move(made));
}

node* mutable_node(state& of, std::uint64_t id) {
  const auto found = std::ranges::find(of.nodes, id, &node::id);
  return found == of.nodes.end() ? nullptr : &*found;
}

/// Every group has to be looked at again.
void unsettle(state& of) {
  for (auto& shard : of.shards) {
    ++shard.revision;
    shard.settled = false;
  }
}

void apply(state& to, const founded& fact) {
  to = {};
  to.cluster = fact.cluster;
  to.replicas = fact.replicas;
  to.shards = fact.shards;
  for (const auto& one : fact.nodes) insert(to, one, fact.at);
}
void apply(state& to, const joined& fact) {
  insert(to, fact.node, fact.at);
  unsettle(to);
}
void apply(state& to, const stood& fact) {
  auto* const who = mutable_node(to, fact.id);
  if (!who) return;
  who->standing = fact.standing;
  who->since = fact.at;
  if (fact.standing == standing::parting) unsettle(to);
}
void apply(state& to, const described& fact) {
  auto* const who = mutable_node(to, fact.id);
  if (!who) return;
  who->feature_level = fact.feature_level;
  who->address = fact.address;
}
void apply(state& to, const placed& fact) {
  auto& shard = to.shards.at(fact.shard);
  shard.voters = fact.voters;
  ++shard.revision;
  shard.settled = false;
}
void apply(state& to, const settled& fact) { to.shards.at(fact.shard).settled = true; }
void apply(state& to, const balancing& fact) { to.balancing = fact.on; }
void apply(state& to, const removed& fact) {
  std::erase_if(to.nodes, [&](const node& one) { return one.id == fact.id; });
  to.removed.push_back(fact.id);
  if (to.removed.size() > removed_max) to.removed.erase(to.removed.begin());
}

}  // namespace

decision decide(const state& now, const command& asked, const context& about) {
  if (now.nodes.empty() && !std::holds_alternative<found>(asked))
    return rejected("not_founded", "the cluster's founders have not said yet how it begins");
  return std::visit([&](const auto& wish) { return on(now, wish, about); }, asked);
}

void evolve(state& now, const event& happened) {
  std::visit([&](const auto& fact) { apply(now, fact); }, happened);
}

entity_key key() { return entity_key::trusted("default", "cluster", "members"); }

std::unique_ptr<aggregate_type> make_type() { return std::make_unique<typed_aggregate<contract>>(); }

const node* find(const state& now, std::uint64_t id) {
  const auto found = std::ranges::find(now.nodes, id, &node::id);
  return found == now.nodes.end() ? nullptr : &*found;
}

const node* find(const state& now, std::string_view name) { return staying(now, name); }

std::uint32_t feature_level(const state& now) {
  const auto lowest = std::ranges::min_element(now.nodes, {}, &node::feature_level);
  return lowest == now.nodes.end() ? 0 : lowest->feature_level;
}

std::size_t unsettled(const state& now) {
  return static_cast<std::size_t>(std::ranges::count(now.shards, false, &place::settled));
}

}  // namespace bv::runtime::members
