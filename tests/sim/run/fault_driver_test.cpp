#include "sim/run/fault_driver.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "sim/trace/fault_bands.hpp"
#include "sim/world/shop_contracts.hpp"
#include "tests/sim/run/triggers.hpp"
#include "tests/sim/world/shop_in_world.hpp"

using namespace bv;
using namespace bv::sim;
using namespace bv::sim::testing;
using namespace std::chrono_literals;
namespace inventory = bv::commerce::inventory;

namespace {

/// What a plan of these faults does to two nodes that serve.
struct struck_world {
  explicit struck_world(std::vector<fault> faults) : here(plan_of(std::move(faults))) {
    here.on_record = [this](const observed_record& record) { driver.on_record(record); };
    here.on_write = [this](std::uint16_t node, std::uint64_t number) { driver.on_write(node, number); };
    here.serve(0);
    here.serve(1);
    here.fill("MUG-1", 10, 0);
    here.fill("MUG-1", 10, 1);
    here.pass(1s);
    driver.arm();
    armed = now();
  }

  static plan plan_of(std::vector<fault> faults) {
    plan made;
    made.where.nodes = 2;
    made.journal_write = {1ms, 1ms};
    made.faults = std::move(faults);
    return made;
  }
  timestamp now() { return here.world.time().now(); }
  /// To so long after the driver was armed.
  void pass_to(duration since) { here.world.run_until(armed + since); }
  /// A command to the first node, and a second for it.
  shop_in_world::receipt receive(const std::string& id) {
    const auto said = here.tell("MUG-1", inventory::receive{.quantity = 1, .reference = {}}, id);
    here.pass(1s);
    return said;
  }
  sim_node& struck() { return here.node(0); }

  std::vector<ask_step> sent;
  std::vector<std::string> failed_starts;
  const std::vector<const schema::aggregate_contract*> contracts = shop_contracts();
  shop_in_world here;
  fault_driver driver{{.what = here.what,
                       .in = here.world,
                       .log = here.log,
                       .contracts = contracts,
                       .send = [this](const ask_step& step) { sent.push_back(step); },
                       .start_failed = [this](const std::string& node, const error& why) {
                         failed_starts.push_back(node + ": " + why.code);
                       },
                       .unanswered = {}}};
  timestamp armed;
};

}  // namespace

TEST_CASE("fault driver: a crash strikes its node at its time, and the node comes back") {
  struck_world world({{.when = at(5s), .what = crash_fault{.down = 10s, .in_flight = unsynced::lost}}});
  world.pass_to(5s - 1ns);
  CHECK(world.struck().serving());
  world.pass_to(5s);
  CHECK_FALSE(world.struck().up());
  CHECK(world.here.node(1).serving());
  world.pass_to(15s - 1ns);
  CHECK_FALSE(world.struck().up());
  world.pass_to(16s);
  CHECK(world.struck().serving());
}

TEST_CASE("fault driver: a fault strikes the node that it names") {
  struck_world world({{.when = at(1s), .node = 1, .what = crash_fault{.down = 10s}}});
  world.pass_to(1s);
  CHECK(world.here.node(0).serving());
  CHECK_FALSE(world.here.node(1).up());
}

TEST_CASE("fault driver: who is down already can't crash, and is not brought back twice") {
  struck_world world({{.when = at(1s), .what = crash_fault{.down = 10s}}, {.when = at(2s), .what = crash_fault{.down = 1s}},
                      {.when = at(3s), .what = disk_full_fault{.lasts = 1s}}, {.when = at(4s), .what = disk_error_fault{}},
                      {.when = at(5s), .what = bit_rot_fault{}}});
  world.pass_to(10s);
  CHECK_FALSE(world.struck().up());
  world.pass_to(12s);
  CHECK(world.struck().serving());
  CHECK(world.failed_starts.empty());
}

TEST_CASE("fault driver: a node stands still, and goes on") {
  struck_world world({{.when = at(1s), .what = pause_fault{.lasts = 5s}}});
  world.pass_to(1s);
  const auto said = world.receive("c1");
  CHECK_FALSE(said->has_value());
  world.pass_to(7s);
  CHECK(accepted(said));
}

TEST_CASE("fault driver: a full disk fails writes, and when there is room the node is started again") {
  struck_world world({{.when = at(1s), .what = disk_full_fault{.lasts = 5s}}});
  world.pass_to(1s);
  CHECK(world.struck().serving());
  const auto said = world.receive("c1");
  REQUIRE(said->has_value());
  CHECK((*said)->error().code == "disk_full");
  CHECK_FALSE(world.struck().serving());
  world.pass_to(7s);
  CHECK(world.struck().serving());
  CHECK(accepted(world.receive("c1")));
}

TEST_CASE("fault driver: an fsync that fails is the end of the process, until it is started again") {
  struck_world world({{.when = at(1s), .what = disk_error_fault{.restart_after = 5s}}});
  world.pass_to(1s);
  const auto said = world.receive("c1");
  REQUIRE(said->has_value());
  CHECK((*said)->error().code == "disk_failed");
  world.pass_to(6s - 1ns);
  CHECK_FALSE(world.struck().serving());
  world.pass_to(7s);
  CHECK(accepted(world.receive("c1")));
}

TEST_CASE("fault driver: a slow disk is slow for a while") {
  struck_world world({{.when = at(1s), .what = slow_disk_fault{.lasts = 10s, .write = {3s, 3s}}}});
  world.pass_to(1s);
  const auto said = world.receive("c1");
  CHECK_FALSE(said->has_value());
  world.pass_to(5s);
  CHECK(accepted(said));
  world.pass_to(11s);
  CHECK(accepted(world.receive("c2")));
}

TEST_CASE("fault driver: a node whose journal rots does not start again, and that is said") {
  struck_world world({{.when = at(1s), .what = bit_rot_fault{}}});
  world.pass_to(1s);
  CHECK_FALSE(world.struck().up());
  world.pass_to(3s);
  CHECK_FALSE(world.struck().serving());
  REQUIRE(world.failed_starts.size() == 1);
  CHECK(world.failed_starts.front() == "n1: journal_corrupt");
}

TEST_CASE("fault driver: a clock is set, and healed to what the plan has it at") {
  struck_world world({{.when = at(1s), .what = clock_fault{{.ahead_by = 1h}}}});
  world.pass_to(1s);
  CHECK(world.struck().clock().now() - world.now() == 1h);
  CHECK(world.here.node(1).clock().now() == world.now());
  world.pass_to(1h);
  CHECK(world.struck().clock().now() - world.now() == 1h);
  world.driver.heal();
  CHECK(world.struck().clock().now() == world.now());
}

TEST_CASE("fault driver: a link is bad for a while, one way or both") {
  for (const bool one_way : {false, true}) {
    struck_world world({{.when = at(1s), .what = link_fault{.a = "n1", .b = "processor", .one_way = one_way,
                                                            .conditions = {.cut = true}, .lasts = 5s}}});
    const auto comes = [&](const std::string& from, const std::string& to) {
      bool came = false;
      world.here.world.net().send(from, to, "letter", [&] { came = true; });
      world.here.pass(100ms);
      return came;
    };
    CHECK(comes("n1", "processor"));
    world.pass_to(1s);
    CHECK_FALSE(comes("n1", "processor"));
    CHECK(comes("processor", "n1") == one_way);
    CHECK(comes("n2", "processor"));
    world.pass_to(6s);
    CHECK(comes("n1", "processor"));
    CHECK(comes("processor", "n1"));
  }
}

TEST_CASE("fault driver: the processor misbehaves for a while") {
  struck_world world({{.when = at(1s), .what = processor_fault{.behaviour = commerce::processor_behaviour::fail, .lasts = 5s}}});
  const auto process = std::make_shared<int>();
  const auto line = world.here.world.processor().reached_from("n1", process);
  const auto ask = [&] {
    std::string code = "silence";
    line->call({.body = "no instruction", .idempotency_key = "k", .trace = {}, .deadline = {}},
               [&](const result<bytes>& said) { code = said ? "done" : said.error().code; });
    world.here.pass(100ms);
    return code;
  };
  world.pass_to(1s);
  CHECK(ask() == "processor_unreachable");
  world.pass_to(6s);
  CHECK(ask() != "processor_unreachable");
}

TEST_CASE("fault driver: a command is sent once, past the network") {
  const ask_step what{.entity = "inventory/MUG-1", .command = "adjust", .body = R"({"delta":-3,"reason":"broken"})"};
  struck_world world({{.when = at(1s), .what = command_fault{what}}});
  world.pass_to(1s - 1ns);
  CHECK(world.sent.empty());
  world.pass_to(1h);
  CHECK(world.sent == std::vector{what});
}

TEST_CASE("fault driver: it strikes when an event is committed, once, or some time after") {
  struck_world world({{.when = on_event({.type = "inventory.received"}), .what = command_fault{{.command = "at once"}}},
                      {.when = on_event({.type = "inventory.received"}, 5s), .what = command_fault{{.command = "later"}}},
                      {.when = on_event({.type = "inventory.received", .nth = 2}), .what = command_fault{{.command = "second"}}},
                      {.when = on_event({.type = "inventory.adjusted"}), .what = command_fault{{.command = "never"}}},
                      {.when = on_event({.type = "cart.received"}), .what = command_fault{{.command = "never"}}}});
  const auto names = [&] {
    std::string all;
    for (const auto& one : world.sent) all += one.command + ";";
    return all;
  };
  CHECK(names().empty());
  world.receive("c1");
  CHECK(names() == "at once;");
  world.receive("c2");
  CHECK(names() == "at once;second;");
  world.receive("c3");
  world.here.pass(1min);
  CHECK(names() == "at once;second;later;");
}

TEST_CASE("fault driver: an event is told by its entity's name and by a field") {
  struck_world world(
      {{.when = on_event({.type = "inventory.received", .field = "quantity", .value = "1"}), .what = command_fault{{.command = "1"}}},
       {.when = on_event({.type = "inventory.received", .field = "quantity", .value = "2"}), .what = command_fault{{.command = "2"}}},
       {.when = on_event({.type = "inventory.received", .field = "colour", .value = "1"}), .what = command_fault{{.command = "3"}}},
       {.when = on_event({.type = "inventory.received", .id_prefix = "MUG"}), .what = command_fault{{.command = "4"}}},
       {.when = on_event({.type = "inventory.received", .id_prefix = "CUP"}), .what = command_fault{{.command = "5"}}}});
  world.receive("c1");
  REQUIRE(world.sent.size() == 2);
  CHECK(world.sent.front().command == "1");
  CHECK(world.sent.back().command == "4");
}

TEST_CASE("fault driver: a crash at a journal write leaves of it what its moment says") {
  using moment = trigger::write_moment;
  for (const auto when : {moment::before, moment::torn, moment::after}) {
    // Writes are counted from where the driver was armed.
    struck_world world({{.when = on_write(2, when), .what = crash_fault{.down = 1s, .in_flight = unsynced::drawn}}});
    CHECK(accepted(world.receive("c1")));
    CHECK_FALSE(accepted(world.receive("c2")));
    world.here.pass(2s);
    REQUIRE(world.struck().serving());
    CHECK(world.here.units("MUG-1") == (when == moment::after ? 12 : 11));
    // The write of that number is over.
    CHECK(accepted(world.receive("c3")));
    CHECK(accepted(world.receive("c4")));
  }
}

TEST_CASE("fault driver: a disk may be full or broken at a journal write") {
  struck_world world({{.when = on_write(2), .what = disk_full_fault{.lasts = 2s}},
                      {.when = on_write(3), .what = disk_error_fault{.restart_after = 2s}}});
  CHECK(accepted(world.receive("c1")));
  const auto full = world.receive("c2");
  REQUIRE(full->has_value());
  CHECK((*full)->error().code == "disk_full");
  world.here.pass(3s);
  const auto broken = world.receive("c3");
  REQUIRE(broken->has_value());
  CHECK((*broken)->error().code == "disk_failed");
  world.here.pass(3s);
  CHECK(world.here.units("MUG-1") == 11);
}

TEST_CASE("fault driver: another node's write strikes nobody") {
  struck_world world({{.when = on_write(1), .node = 1, .what = crash_fault{.down = 1h}}});
  CHECK(accepted(world.receive("c1")));
  CHECK(world.here.node(1).serving());
  world.here.fill("MUG-2", 1, 1);
  world.here.pass(1s);
  CHECK_FALSE(world.here.node(1).up());
}

TEST_CASE("fault driver: when chaos is over all is mended, and nothing strikes any more") {
  struck_world world({{.when = at(1s), .what = crash_fault{.down = 1h}},
                      {.when = at(1s), .node = 1, .what = pause_fault{.lasts = 1h}},
                      {.when = at(1s), .what = slow_disk_fault{.lasts = 1h, .write = {1min, 1min}}},
                      {.when = at(1s), .what = link_fault{.a = "clients", .b = "n1", .conditions = {.cut = true}, .lasts = 1h}},
                      {.when = at(10s), .what = crash_fault{.down = 1h}},
                      {.when = on_event({.type = "inventory.received"}), .what = crash_fault{.down = 1h}},
                      {.when = on_write(1), .what = crash_fault{.down = 1h}}});
  world.pass_to(5s);
  CHECK_FALSE(world.struck().up());
  world.driver.heal();
  world.pass_to(9s);
  CHECK(world.struck().serving());
  CHECK(accepted(world.receive("c1")));
  bool came = false;
  world.here.world.net().send("clients", "n1", "letter", [&] { came = true; });
  world.pass_to(20s);
  CHECK(came);
  CHECK(world.struck().serving());
  world.here.fill("MUG-3", 1, 1);
  world.here.pass(1s);
  CHECK(world.here.units("MUG-3", 1) == 1);
}

TEST_CASE("fault driver: healing starts a node anew whose journal has failed") {
  struck_world world({{.when = at(1s), .what = disk_full_fault{.lasts = 1h}}});
  world.pass_to(1s);
  world.receive("c1");
  CHECK_FALSE(world.struck().serving());
  world.driver.heal();
  world.here.pass(1s);
  CHECK(world.struck().serving());
  CHECK(accepted(world.receive("c1")));
}

TEST_CASE("fault driver: what lasts is told at both ends, also if it is healed before its time") {
  struck_world world({{.when = at(1s), .what = slow_disk_fault{.lasts = 2s, .write = {1ms, 1ms}}},
                      {.when = at(1s), .node = 1, .what = pause_fault{.lasts = 1s}},
                      {.when = at(2s), .what = link_fault{.a = "clients", .b = "n1", .conditions = {.cut = true}, .lasts = 1h}},
                      {.when = at(2s), .what = processor_fault{.lasts = 1h}},
                      {.when = at(2s), .node = 1, .what = disk_full_fault{.lasts = 1s}},
                      {.when = at(4s), .node = 1, .what = disk_error_fault{.restart_after = 1s}}});
  world.pass_to(6s);
  world.driver.heal();
  const auto& lines = world.here.log.lines();
  std::vector<std::pair<std::string, duration>> bands;
  for (const auto& band : fault_bands(lines))
    if (lines[band.first].kind == trace_kind::fault) bands.emplace_back(lines[band.first].where, lines[band.last].at - lines[band.first].at);
  const std::vector<std::pair<std::string, duration>> expected{
      {"n1", 2s}, {"n2", 1s}, {"clients ↔ n1", 4s}, {"processor", 4s}, {"n2", 1s}, {"n2", 1s}};
  CHECK(bands == expected);
}
