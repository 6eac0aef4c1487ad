#include "actors/runtime/founding.hpp"

#include <doctest/doctest.h>

#include "tests/actors/runtime/charters.hpp"

using namespace bv;
using namespace bv::runtime;

namespace {

/// Keeps what is sent.
class sent_frames final : public interconnect {
 public:
  result<void> start(const node_hello&, interconnect_listener&) override { return {}; }
  void announce(const node_hello&) override {}
  void connect(std::vector<std::string>) override {}
  void disconnect(node_id) override {}
  bool send(node_id to, bytes frame) override {
    frames::frame one;
    REQUIRE(frames::decode(frame, one).has_value());
    asked.emplace_back(to, std::holds_alternative<frames::ask_charter>(one.content));
    return true;
  }
  void stop() override {}
  std::vector<std::pair<node_id, bool>> asked;
};

struct founding_world {
  explicit founding_world(std::uint64_t self, std::size_t seeds = 3) : founding_world(test::hello_of(self), seeds) {}
  explicit founding_world(const node_hello& self, std::size_t seeds = 3)
      : begins(self, net, {.shards = 4, .replicas = 3, .seeds = seeds, .cluster = 99},
               [this](const note& said) { noted.emplace_back(said.message); }) {}
  void charter_comes(const charter& one, bool admitted = false, std::vector<founder> members = {}) {
    begins.on_frame(node_id{2}, frames::encode(frames::frame{0, frames::welcome{one, admitted, std::move(members)}}));
  }
  std::string refusal() const {
    REQUIRE(begins.outcome().has_value());
    REQUIRE_FALSE(begins.outcome()->has_value());
    return begins.outcome()->error().code;
  }

  sent_frames net;
  std::vector<std::string> noted;
  founding begins;
};

}  // namespace

TEST_CASE("founding: the first by name writes the charter once all seeds are there") {
  founding_world world(1);
  world.begins.on_link_up(test::hello_of(3));
  CHECK_FALSE(world.begins.outcome());
  CHECK(world.begins.waits_for() == "waits for the seeds: 1 of 2 are there (n3)");
  world.begins.on_link_up(test::hello_of(2));
  REQUIRE(world.begins.outcome().has_value());
  CHECK((**world.begins.outcome()).members.empty());
  const auto made = (**world.begins.outcome()).founded;
  CHECK(made.cluster == 99);
  CHECK(made.founders == test::charter_of(test::three_nodes, 3).founders);
  CHECK(founded_by(made, node_id{2}));
  CHECK_FALSE(founded_by(made, node_id{4}));
}

TEST_CASE("founding: a seed that went away again is missing") {
  founding_world world(1);
  world.begins.on_link_up(test::hello_of(3));
  world.begins.on_link_down(node_id{3});
  world.begins.on_link_up(test::hello_of(2));
  CHECK_FALSE(world.begins.outcome());
}

TEST_CASE("founding: the others wait until somebody has a cluster, and ask until they are answered") {
  founding_world world(2);
  world.begins.on_link_up(test::hello_of(1));
  world.begins.on_link_up(test::hello_of(3));
  CHECK_FALSE(world.begins.outcome());
  CHECK(world.net.asked.empty());
  world.begins.on_link_up(test::hello_of(1, 99));
  CHECK(world.net.asked == std::vector<std::pair<node_id, bool>>{{node_id{1}, true}});
  world.begins.tick();
  CHECK(world.net.asked.size() == 2);
  world.charter_comes(test::charter_of(test::three_nodes, 3));
  CHECK(**world.begins.outcome() == found_cluster{test::charter_of(test::three_nodes, 3), {}});
  world.begins.tick();
  CHECK(world.net.asked.size() == 2);
}

TEST_CASE("founding: where a cluster is known nobody founds another, though all seeds are there") {
  founding_world world(1);
  world.begins.on_link_up(test::hello_of(2, 7));
  world.begins.on_link_up(test::hello_of(3));
  CHECK_FALSE(world.begins.outcome());
  CHECK(world.net.asked.size() == 2);
}

TEST_CASE("founding: a seed that has a log begins the cluster with it, whatever its name") {
  auto elder = test::hello_of(3);
  elder.has_log = true;
  founding_world first(1);
  first.begins.on_link_up(test::hello_of(2));
  first.begins.on_link_up(elder);
  CHECK_FALSE(first.begins.outcome());
  founding_world last(elder);
  last.begins.on_link_up(test::hello_of(1));
  CHECK_FALSE(last.begins.outcome());
  last.begins.on_link_up(test::hello_of(2));
  REQUIRE(last.begins.outcome().has_value());
  const auto made = (**last.begins.outcome()).founded;
  CHECK(made.history == 3);
  CHECK(made.founders == test::charter_of(test::three_nodes, 3).founders);
  first.charter_comes(made);
  CHECK((**first.begins.outcome()).founded == made);
}

TEST_CASE("founding: two seeds that have logs don't found together, and say which they are") {
  auto elder = test::hello_of(1), other = test::hello_of(3);
  elder.has_log = other.has_log = true;
  founding_world world(elder);
  world.begins.on_link_up(other);
  CHECK(world.refusal() == "histories_differ");
  CHECK(world.begins.outcome()->error().message.find("n3") != std::string::npos);
  founding_world empty(2);
  empty.begins.on_link_up(elder);
  empty.begins.on_link_up(other);
  CHECK_FALSE(empty.begins.outcome());
}

TEST_CASE("founding: who has a log of its own does not join, and is told how a backup is restored over a cluster") {
  auto elder = test::hello_of(1);
  elder.has_log = true;
  founding_world joins(elder, 0);
  joins.charter_comes(test::charter_of(test::three_nodes, 3));
  CHECK(joins.refusal() == "log_not_empty");
  auto stranger = test::hello_of(4);
  stranger.has_log = true;
  founding_world restored(stranger);
  restored.charter_comes(test::charter_of(test::three_nodes, 3));
  CHECK(restored.refusal() == "not_a_member");
  CHECK(restored.begins.outcome()->error().message.find("backup") != std::string::npos);
}

TEST_CASE("founding: who is no seed never founds") {
  founding_world world(1, 0);
  world.begins.on_link_up(test::hello_of(2));
  world.begins.on_link_up(test::hello_of(3));
  CHECK_FALSE(world.begins.outcome());
}

TEST_CASE("founding: a folder that the charter does not name asks until it is let in, and says how once") {
  founding_world world(4, 0);
  world.begins.on_link_up(test::hello_of(2, 1));
  const auto asked = world.net.asked.size();
  const std::vector<founder> now{{2, "n2", "n2"}, {5, "n5", "n5"}};
  for (int i = 0; i < 2; ++i) {
    world.charter_comes(test::charter_of(test::three_nodes, 3), false, now);
    CHECK_FALSE(world.begins.outcome());
  }
  CHECK(world.noted.size() == 1);
  CHECK(world.noted.front().find("bv admin join n4`") != std::string::npos);
  CHECK(world.begins.waits_for().starts_with("waits to be let in"));
  world.begins.tick();
  CHECK(world.net.asked.size() > asked);
  world.charter_comes(test::charter_of(test::three_nodes, 3), true, now);
  REQUIRE(world.begins.outcome().has_value());
  CHECK(**world.begins.outcome() == found_cluster{test::charter_of(test::three_nodes, 3), now});
}

TEST_CASE("founding: a folder that was lost and made anew is told to have itself replaced") {
  founding_world world(4);
  world.charter_comes(test::charter_of(test::three_nodes, 3), false, {{1, "n1", "n1"}, {9, "n4", "n4"}});
  REQUIRE(world.noted.size() == 1);
  CHECK(world.noted.front().find("bv admin replace n4`") != std::string::npos);
}

TEST_CASE("founding: a config that contradicts the cluster is refused") {
  founding_world world(1);
  world.charter_comes(test::charter_of(test::three_nodes, 5));
  CHECK(world.refusal() == "cluster_mismatch");
}

TEST_CASE("founding: two nodes of one name don't found together") {
  founding_world world(1);
  CHECK(world.begins.admit(test::hello_of(1)).has_value());
  auto impostor = test::hello_of(8);
  impostor.name = "n1";
  CHECK(world.begins.admit(impostor).error().code == "name_taken");
  world.begins.on_link_up(test::hello_of(2));
  impostor.name = "n2";
  CHECK_FALSE(world.begins.admit(impostor).has_value());
  CHECK(world.begins.admit(test::hello_of(2)).has_value());
}
