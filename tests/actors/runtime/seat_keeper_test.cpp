// The keeper against real groups on virtual time: what must hold of the log is checked by the groups' own world.
#include "actors/runtime/seat_keeper.hpp"

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <vector>

#include "tests/actors/replication/cluster.hpp"

using namespace bv;
using namespace bv::runtime;
using namespace std::chrono_literals;
using replication::server_id;
using replication::server_role;

namespace {

using ids = std::vector<std::uint64_t>;

/// A keeper at each server, all with one wish; whoever leads acts.
struct kept_group {
  explicit kept_group(std::uint64_t seed, std::size_t founders = 3) : groups({.seed = seed, .group = replication::quick_group()}) {
    groups.found(founders);
    REQUIRE(groups.await_leader());
    tick_later();
  }

  void wish(ids voters, ids followers) {
    wished = {.voters = std::move(voters), .followers = std::move(followers), .revision = wished.revision + 1, .settled = false};
    settled = 0;
    for (auto& [id, one] : keepers)
      if (one.second) one.second->on_wish(wished);
  }
  [[nodiscard]] bool is_so() {
    if (settled != wished.revision) return false;
    auto* const leader = groups.leader();
    if (!leader) return false;
    const auto now = leader->group->status().members;
    if (now.servers.size() != wished.voters.size() + wished.followers.size()) return false;
    for (const auto one : wished.voters)
      if (!votes(now, server_id{one})) return false;
    return true;
  }

  void tick_later() {
    groups.time.after(10ms, [this] {
      for (auto& one : groups.servers) tick(*one);
      tick_later();
    });
  }
  void tick(replication::replica& server) {
    auto& [of, keeper] = keepers[server.id.value];
    if (!server.up()) return keeper.reset();
    if (of != server.group.get() || !keeper) {
      of = server.group.get();
      keeper = std::make_unique<seat_keeper>(seat_keeper::environment{.self = server.id,
                                                                      .group = [&server]() -> replication::raft_group& { return *server.group; },
                                                                      .permits = permits,
                                                                      .settle = [this](std::uint32_t revision) { settled = revision; },
                                                                      .failed = [](const error&) {}});
      keeper->on_wish(wished);
    }
    keeper->tick(server.leads(), server.now_ms());
    if (server.leads()) fewest_voters = std::min(fewest_voters, replication::voters_of(server.group->status().members));
  }

  replication::cluster groups;
  transfer_permits permits;
  wished_seats wished;
  std::uint32_t settled = 0;
  std::size_t fewest_voters = 100;
  std::map<std::uint64_t, std::pair<const void*, std::unique_ptr<seat_keeper>>> keepers;
};

}  // namespace

TEST_CASE("seat keeper: brings newcomers level, gives them votes, and only then takes them from others") {
  kept_group world(3);
  write(world.groups, 100);
  for (int i = 0; i < 3; ++i) world.groups.add_server().start();
  const auto leader = world.groups.leader()->id.value;
  ids voters{leader, 4, 5}, followers{6};
  world.wish(voters, followers);
  for (int i = 0; i < 50 && !world.is_so(); ++i) write(world.groups, 100);
  CHECK(world.is_so());
  CHECK(world.fewest_voters == 3);
  CHECK(world.groups.await_agreement());
  replication::sound(world.groups);
}

TEST_CASE("seat keeper: a leader that is to go leads until another does") {
  kept_group world(5);
  const auto leader = world.groups.leader()->id.value;
  ids others;
  for (std::uint64_t id = 1; id <= 3; ++id)
    if (id != leader) others.push_back(id);
  world.wish(others, {});
  CHECK_FALSE(world.groups.run_until([&] { return world.is_so(); }, 3s));
  REQUIRE(change(world.groups, [&](auto& group, auto done) { group.transfer(server_id{others.front()}, std::move(done)); }));
  CHECK(world.groups.run_until([&] { return world.is_so(); }, 10s));
  replication::sound(world.groups);
}

TEST_CASE("seat keeper: no more shards than there are permits bring somebody level") {
  transfer_permits permits;
  CHECK(permits.take());
  CHECK(permits.take());
  CHECK_FALSE(permits.take());
  permits.give_back();
  CHECK(permits.take());
}

TEST_CASE("seat keeper: waits for a permit, and gives it back when the newcomer is level") {
  kept_group world(7);
  REQUIRE(world.permits.take());
  REQUIRE(world.permits.take());
  world.groups.add_server().start();
  world.wish({1, 2, 3}, {4});
  world.groups.run_for(3s);
  CHECK_FALSE(member(world.groups.leader()->group->status().members, server_id{4}));
  world.permits.give_back();
  CHECK(world.groups.run_until([&] { return world.is_so(); }, 10s));
  world.groups.run_for(1s);
  CHECK(world.permits.take());
}

TEST_CASE("seat keeper: whatever crashes meanwhile, the group ends as it was wished") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    kept_group world(seed);
    for (int i = 0; i < 3; ++i) world.groups.add_server().start();
    runtime::random_source lots(seed);
    for (int round = 0; round < 4; ++round) {
      ids all{1, 2, 3, 4, 5, 6};
      for (std::size_t i = 0; i + 1 < all.size(); ++i) std::swap(all[i], all[i + lots.below(all.size() - i)]);
      // One of the six is in no wish; the leader stays one of the voters, as the roster's leader does.
      const auto* const leader = world.groups.leader();
      ids voters{all[0], all[1], all[2]};
      if (leader && std::ranges::find(voters, leader->id.value) == voters.end()) voters[0] = leader->id.value;
      ids followers;
      for (std::size_t i = 3; i < 5; ++i)
        if (std::ranges::find(voters, all[i]) == voters.end()) followers.push_back(all[i]);
      world.wish(voters, followers);
      for (int blow = 0; blow < 2; ++blow) {
        write(world.groups, 30);
        auto& struck = world.groups.at(1 + lots.below(6));
        if (!struck.up()) continue;
        struck.crash();
        world.groups.run_for(std::chrono::milliseconds{lots.below(800)});
        struck.start();
      }
      // Whoever leads now may be no voter of the wish: it hands over, as its shard's actor would.
      const bool so = world.groups.run_until(
          [&] {
            if (auto* const now = world.groups.leader();
                now && std::ranges::find(voters, now->id.value) == voters.end() && !world.keepers[now->id.value].second->changing())
              for (const auto one : voters) now->group->transfer(server_id{one}, [](const result<void>&) {});
            return world.is_so();
          },
          60s);
      CHECK(so);
    }
    CHECK(world.groups.await_agreement());
    replication::sound(world.groups);
  }
}
