// The keeper inside a node that is a cluster of its own, so that it leads whatever there is.
#include "actors/runtime/roster_keeper.hpp"

#include <doctest/doctest.h>

#include <optional>

#include "actors/runtime/node.hpp"
#include "sim/world/actor_turns.hpp"
#include "storage/memory_store.hpp"
#include "tests/actors/runtime/kept_net.hpp"
#include "tests/actors/runtime/shard_world.hpp"

using namespace bv;
using namespace bv::runtime;
using namespace std::chrono_literals;

namespace {

struct lone_cluster {
  explicit lone_cluster(duration lost_after) {
    auto opened = storage::open_memory_store(disk, {.catches_up = false});
    REQUIRE(opened.has_value());
    store = *std::move(opened);
    node_options options{.shards = 2, .seed = 1, .notes = [](const note&) {}};
    options.cluster = cluster_options{.self = {.node = node_id{1}, .cluster = 7, .name = "n1", .address = "n1"},
                                      .net = &net,
                                      .founded = {.cluster = 7, .shards = 2, .replicas = 1, .founders = {{1, "n1", "n1"}}},
                                      .lost_after = lost_after};
    node.emplace(actors.system(), store, time, std::move(options));
    node->start([](const result<void>&) {});
    advance(3s);
  }
  ~lone_cluster() {
    bool stopped = false;
    node->stop([&] { stopped = true; });
    for (int i = 0; i < 100 && !stopped; ++i) advance(100ms);
    CHECK(stopped);
    node.reset();
  }
  void advance(duration by) {
    for (duration step{}; step < by; step += 10ms) {
      time.advance(10ms);
      actors.pass_to(passed += 10ms);
      while (actors.run_one()) {
      }
    }
  }
  void ask(const members::command& what) {
    node->entities().ask({.entity = members::key(), .command = members::contract::encode(what), .command_id = {}, .from = {},
                          .deadline = {}, .expected_version = {}},
                         [](const result<receipt>& got) { CHECK(got.has_value()); });
    advance(200ms);
  }
  members::state now() const { return node->members()->now()->state; }
  [[nodiscard]] members::standing standing_of(std::uint64_t id) const {
    const auto seen = now();
    const auto* const found = members::find(seen, id);
    REQUIRE(found != nullptr);
    return found->standing;
  }

  storage::memory_disk disk{2};
  sim::actor_turns actors{1, false};
  duration passed{};
  storage::store store;
  test::hand_clock time;
  test::kept_net net;
  std::optional<runtime::node> node;
};

const members::identity newcomer{2, "n2", "n2", 1};

}  // namespace

TEST_CASE("roster keeper: says how the cluster began, once, and the node knows it from the log") {
  lone_cluster world(5min);
  CHECK(world.node->members()->now()->version == 1);
  CHECK(world.now().nodes.size() == 1);
  world.advance(5s);
  CHECK(world.node->members()->now()->version == 1);
}

TEST_CASE("roster keeper: what the log says of the members is the node's roster, and its links follow") {
  lone_cluster world(5min);
  world.ask(members::join{newcomer});
  CHECK(world.node->members()->has(node_id{2}));
  CHECK(world.net.dialed == std::vector<std::string>{"n1", "n2"});
  CHECK(world.net.announced == world.node->members()->now()->version);
}

TEST_CASE("roster keeper: who is silent for long is lost, and who is heard again is not") {
  lone_cluster world(5s);
  world.ask(members::join{newcomer});
  world.advance(3s);
  CHECK(world.standing_of(2) == members::standing::active);
  world.advance(4s);
  CHECK(world.standing_of(2) == members::standing::lost);
  world.net.listener->on_link_up({.node = node_id{2}, .cluster = 7, .name = "n2", .address = "moved", .feature_level = 3});
  world.advance(2s);
  CHECK(world.standing_of(2) == members::standing::active);
  CHECK(members::find(world.now(), std::uint64_t{2})->address == "moved");
  CHECK(members::find(world.now(), std::uint64_t{2})->feature_level == 3);
}

TEST_CASE("roster keeper: told to wait for ever, it counts nobody as lost") {
  lone_cluster world(duration::zero());
  world.ask(members::join{newcomer});
  world.advance(10s);
  CHECK(world.standing_of(2) == members::standing::active);
}
