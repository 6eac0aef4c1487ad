// covers: sim/world/newcomer.cpp
#include "sim/world/sim_links.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/world/newcomer.hpp"

using namespace bv;
using namespace bv::sim;
using namespace std::chrono_literals;

namespace {

/// A node's end: what its links told it.
struct end final : runtime::interconnect_listener {
  result<void> admit(const runtime::node_hello& other) override {
    if (other.node == stranger) return failure(error_kind::forbidden, "stranger", "not you");
    return {};
  }
  void on_link_up(const runtime::node_hello& to) override { told.push_back("up " + to.name); }
  void on_link_down(runtime::node_id to) override { told.push_back("down " + std::to_string(to.value)); }
  void on_frame(runtime::node_id from, bytes frame) override { came.push_back(std::to_string(from.value) + ":" + frame); }

  runtime::node_id stranger;
  std::vector<std::string> told, came;
  std::unique_ptr<sim_links> links;
};

struct town {
  explicit town(link_conditions usual = {.delay = {1ms, 5ms}}) : net(time, log, 1, usual) {}

  /// A process of n1, n2 … begins.
  end& open(std::uint64_t number) {
    auto& made = at(number);
    made.links = std::make_unique<sim_links>("n" + std::to_string(number), ++lives, time, net, board);
    REQUIRE(made.links->start({.node = runtime::node_id{number}, .cluster = 1, .name = "n" + std::to_string(number), .address = {}},
                              made));
    made.links->connect({"n1", "n2"});
    return made;
  }
  end& at(std::uint64_t number) { return ends.at(number - 1); }
  void pass(duration by) {
    for (const auto until = time.now() + by;;) {
      if (time.run_one()) continue;
      const auto next = time.next();
      if (!next || *next > until) return time.pass_to(until);
      time.pass_to(*next);
    }
  }

  event_heap time{timestamp{1'893'456'000'000'000'000}};
  trace log{{.keep = true}};
  network net;
  switchboard board;
  std::uint64_t lives = 0;
  std::vector<end> ends{2};
};

using lines = std::vector<std::string>;

}  // namespace

TEST_CASE("links: both ends hear of a link once, and frames keep their order") {
  town here;
  auto& a = here.open(1);
  auto& b = here.open(2);
  here.pass(100ms);
  CHECK(a.told == lines{"up n2"});
  CHECK(b.told == lines{"up n1"});
  lines sent;
  for (int i = 0; i < 50; ++i) {
    CHECK(a.links->send(runtime::node_id{2}, std::to_string(i)));
    sent.push_back("1:" + std::to_string(i));
  }
  here.pass(100ms);
  CHECK(b.came == sent);
  CHECK(a.came.empty());
}

TEST_CASE("links: to whom there is no link nothing is sent") {
  town here;
  auto& a = here.open(1);
  CHECK_FALSE(a.links->send(runtime::node_id{2}, "x"));
  here.pass(1s);
  CHECK_FALSE(a.links->send(runtime::node_id{2}, "x"));
  CHECK(a.told.empty());
}

TEST_CASE("links: who listens later is found") {
  town here;
  auto& a = here.open(1);
  here.pass(3s);
  here.open(2);
  here.pass(1s);
  CHECK(a.told == lines{"up n2"});
}

TEST_CASE("links: losses are made good, late") {
  town here({.delay = {1ms, 1ms}, .loss_percent = 50});
  auto& a = here.open(1);
  auto& b = here.open(2);
  here.pass(20s);
  REQUIRE(a.told.front() == "up n2");
  lines sent;
  for (int i = 0; i < 20; ++i) {
    a.links->send(runtime::node_id{2}, std::to_string(i));
    sent.push_back("1:" + std::to_string(i));
  }
  here.pass(1ms);
  CHECK(b.came.size() < 20);
  here.pass(20s);
  CHECK(b.came == sent);
}

TEST_CASE("links: the end of a process is heard at the other end, and the next one is another link") {
  town here;
  auto& a = here.open(1);
  auto& b = here.open(2);
  here.pass(100ms);
  b.links.reset();
  here.pass(10ms);
  CHECK(a.told == lines{"up n2", "down 2"});
  CHECK_FALSE(a.links->send(runtime::node_id{2}, "x"));
  here.open(2);
  here.pass(1s);
  CHECK(a.told == lines{"up n2", "down 2", "up n2"});
}

TEST_CASE("links: what was sent to a process reaches no later one") {
  town here({.delay = {50ms, 50ms}});
  auto& a = here.open(1);
  auto& b = here.open(2);
  here.pass(200ms);
  a.links->send(runtime::node_id{2}, "for the dead");
  b.links.reset();
  here.open(2);
  here.pass(2s);
  CHECK(b.came.empty());
}

TEST_CASE("links: a cut is noticed by silence, loses what is sent, and ends with a new link") {
  town here;
  auto& a = here.open(1);
  auto& b = here.open(2);
  here.pass(100ms);
  SUBCASE("both ways") {
    here.net.set("n1", "n2", {.cut = true});
    here.net.set("n2", "n1", {.cut = true});
  }
  SUBCASE("there") { here.net.set("n1", "n2", {.cut = true}); }
  SUBCASE("back") { here.net.set("n2", "n1", {.cut = true}); }
  here.pass(1s);
  CHECK(a.told == lines{"up n2"});
  here.pass(3s);
  CHECK(a.told == lines{"up n2", "down 2"});
  CHECK(b.told == lines{"up n1", "down 1"});
  here.net.heal();
  here.pass(1s);
  CHECK(a.told == lines{"up n2", "down 2", "up n2"});
  CHECK(b.told == lines{"up n1", "down 1", "up n1"});
}

TEST_CASE("links: who is not admitted gets none") {
  town here;
  here.at(2).stranger = runtime::node_id{1};
  auto& a = here.open(1);
  auto& b = here.open(2);
  here.pass(3s);
  CHECK(a.told.empty());
  CHECK(b.told.empty());
}

TEST_CASE("links: who disconnects is connected again unless it is not admitted any more") {
  town here;
  auto& a = here.open(1);
  here.open(2);
  here.pass(100ms);
  a.stranger = runtime::node_id{2};
  a.links->disconnect(runtime::node_id{2});
  CHECK(a.told == lines{"up n2", "down 2"});
  here.pass(3s);
  CHECK(a.told == lines{"up n2", "down 2"});
  a.stranger = {};
  here.pass(1s);
  CHECK(a.told == lines{"up n2", "down 2", "up n2"});
}

TEST_CASE("links: a process that has stopped hears nothing any more") {
  town here;
  auto& a = here.open(1);
  auto& b = here.open(2);
  here.pass(100ms);
  b.links->send(runtime::node_id{1}, "late");
  a.links->stop();
  here.pass(5s);
  CHECK(a.told == lines{"up n2"});
  CHECK(a.came.empty());
  CHECK_FALSE(a.links->send(runtime::node_id{2}, "x"));
  CHECK(b.told == lines{"up n1", "down 1"});
}

TEST_CASE("newcomer: asks a member until it is let in") {
  /// A member that lets nobody in at first.
  struct member final : runtime::interconnect_listener {
    result<void> admit(const runtime::node_hello& other) override {
      links->connect({other.address});
      return {};
    }
    void on_link_up(const runtime::node_hello&) override {}
    void on_link_down(runtime::node_id) override {}
    void on_frame(runtime::node_id from, bytes) override {
      ++asked;
      runtime::frames::welcome said{.charter = {.cluster = 1, .shards = 2, .replicas = 3, .founders = {{1, "n1", "n1"}}},
                                    .admitted = open, .members = {{1, "n1", "n1"}}};
      links->send(from, runtime::frames::encode(runtime::frames::frame{0, std::move(said)}));
    }
    int asked = 0;
    bool open = false;
    std::unique_ptr<sim_links> links;
  };
  town world;
  member there;
  there.links = std::make_unique<sim_links>("n1", 90, world.time, world.net, world.board);
  REQUIRE(there.links->start({.node = runtime::node_id{1}, .cluster = 1, .name = "n1", .address = "n1"}, there));
  std::optional<runtime::found_cluster> found;
  newcomer asks({.node = runtime::node_id{2}, .name = "n2", .address = "n2"},
                {.shards = 2, .replicas = 3, .seeds = 0, .cluster = 0}, {"n1"}, {91, world.time, world.net, world.board},
                [&](runtime::found_cluster one) { found = std::move(one); });
  world.pass(10s);
  CHECK(there.asked > 5);
  CHECK_FALSE(found);
  there.open = true;
  world.pass(5s);
  REQUIRE(found);
  CHECK(found->founded.cluster == 1);
  CHECK(found->members.size() == 1);
}
