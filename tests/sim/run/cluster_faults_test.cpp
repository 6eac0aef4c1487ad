// What strikes a cluster: whoever leads, a node that stops in peace.
// covers: sim/run/fault_driver.cpp sim/run/stockist.cpp
#include "sim/run/fault_driver.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "sim/world/shop_contracts.hpp"
#include "tests/sim/run/triggers.hpp"
#include "tests/sim/world/shop_in_world.hpp"

using namespace bv;
using namespace bv::sim;
using namespace bv::sim::testing;
using namespace std::chrono_literals;

namespace {

/// Three nodes that are one shop, and what strikes them.
struct struck_cluster {
  explicit struck_cluster(std::vector<fault> faults) : here(plan_of(std::move(faults))) {
    here.on_record = [this](const observed_record& record) { driver.on_record(record); };
    for (std::size_t i = 0; i < 3; ++i) here.start(i);
    REQUIRE(here.world.run_until(now() + 1min, [this] { return here.world.at_rest(); }));
    here.fill("MUG-1", 10);
    REQUIRE(here.world.run_until(now() + 1min, [this] { return here.node(0).leads({}); }));  // as it should
    here.pass(1s);
    driver.arm();
    armed = now();
  }
  static plan plan_of(std::vector<fault> faults) {
    plan made;
    made.where = {.nodes = 3, .shards = 1, .replicas = 3};
    made.faults = std::move(faults);
    return made;
  }
  timestamp now() { return here.world.time().now(); }
  void pass_to(duration since) { here.world.run_until(armed + since); }
  sim_node* leader() {
    for (const auto& one : here.world.nodes())
      if (one->leads({})) return one.get();
    return nullptr;
  }
  /// Which of the letters between each two nodes come.
  std::vector<std::string> ways() {
    std::vector<std::string> open;
    for (const auto& from : here.world.nodes())
      for (const auto& to : here.world.nodes())
        if (from != to) here.world.net().send(from->name(), to->name(), "", [&open, way = from->name() + to->name()] { open.push_back(way); });
    here.pass(10ms);
    std::ranges::sort(open);
    return open;
  }

  std::vector<std::string> unanswered, failed_starts;
  const std::vector<const schema::aggregate_contract*> contracts = shop_contracts();
  shop_in_world here;
  fault_driver driver{{.what = here.what,
                       .in = here.world,
                       .log = here.log,
                       .contracts = contracts,
                       .send = [](const ask_step&) {},
                       .start_failed = [this](const std::string& node, const error&) { failed_starts.push_back(node); },
                       .unanswered = [this](const std::string& node, const std::string& what) { unanswered.push_back(node + ": " + what); }}};
  timestamp armed;
};

}  // namespace

TEST_CASE("fault driver: what is to strike the leader strikes whoever leads at that moment") {
  struck_cluster world({{.when = at(1s), .node = the_leader, .what = crash_fault{.down = 1h}},
                        {.when = at(10s), .node = the_leader, .what = crash_fault{.down = 1h}},
                        {.when = at(20s), .node = the_leader, .what = crash_fault{.down = 1h}}});
  const auto* const first = world.leader();
  REQUIRE(first);
  world.pass_to(2s);
  CHECK_FALSE(first->up());
  world.pass_to(9s);
  const auto* const second = world.leader();
  REQUIRE(second);
  CHECK(second != first);
  world.pass_to(25s);
  CHECK_FALSE(second->up());
  CHECK(world.leader() == nullptr);  // one of three: nobody is left to strike
  CHECK(std::ranges::count_if(world.here.world.nodes(), [](const auto& one) { return one->up(); }) == 1);
}

TEST_CASE("fault driver: after an event it is the leader of that event's shard") {
  struck_cluster world({{.when = on_event({.type = "inventory.initialised"}), .node = the_leader, .what = crash_fault{.down = 1h}}});
  const auto* const first = world.leader();
  world.here.fill("MUG-2", 1);
  world.here.pass(1s);
  CHECK_FALSE(first->up());
}

TEST_CASE("fault driver: a leader is cut off from all the others, in one direction or both") {
  bool one_way = false;
  SUBCASE("both") {}
  SUBCASE("one") { one_way = true; }
  struck_cluster world({{.when = at(1s), 
                         .what = link_fault{.a = "leader", .b = "others", .one_way = one_way, .conditions = {.cut = true}, .lasts = 100ms}}});
  const auto name = world.leader()->name();
  world.pass_to(1s);
  for (const auto& way : world.ways()) {
    CHECK_FALSE(way.starts_with(name));
    if (!one_way) CHECK_FALSE(way.ends_with(name));
  }
  world.pass_to(2s);
  CHECK(world.ways().size() == 6);
}

TEST_CASE("fault driver: a node is stopped in peace, and comes back") {
  struck_cluster world({{.when = at(1s), .node = the_leader, .what = stop_fault{.down = 5s}}});
  auto* const first = world.leader();
  world.pass_to(3s);
  CHECK_FALSE(first->up());
  CHECK(world.leader() != nullptr);
  world.pass_to(5s);
  CHECK_FALSE(first->up());
  world.pass_to(9s);
  CHECK(first->serving());
  CHECK(world.unanswered.empty());
  CHECK(world.failed_starts.empty());
}

TEST_CASE("fault driver: a node that is stopping when all is healed comes back") {
  struck_cluster world({{.when = at(1s), .node = the_leader, .what = stop_fault{.down = 1h}}});
  auto* const first = world.leader();
  world.pass_to(1s);
  CHECK(first->stopping());
  world.driver.heal();
  world.here.pass(5s);
  CHECK(first->serving());
  CHECK_FALSE(first->stopping());
}
