// covers: sim/plan/read_faults.cpp
#include "sim/plan/draw.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace bv::sim;
using namespace std::chrono_literals;

namespace {

plan drawn(const std::string& text, std::uint64_t seed = 1) {
  const auto read = read_scenario("name = \"x\"\n" + text, "x.toml");
  if (!read) FAIL(read.error().message);
  return draw(*read, seed);
}

}  // namespace

TEST_CASE("draw: the same seed gives the same plan, another seed another") {
  const std::string text = "[world]\njournal_write = \"1ms\"\n[phases]\nchaos = { min = \"10s\", max = \"90s\" }\n";
  CHECK(drawn(text, 3) == drawn(text, 3));
  CHECK(drawn(text, 3) != drawn(text, 4));
  CHECK(drawn(text, 3).seed == 3);
  CHECK(drawn(text, 3).scenario == "x");
}

TEST_CASE("draw: what is fixed is what it says for every seed") {
  const auto made = drawn(R"(
[world]
nodes = 3
shards = 16
tier = "rocks"
shuffle_turns = false
journal_write = "1ms..5ms"
steps_max = 1000
[limits]
live_entities_per_shard_max = 4
idle_before_passivation = "3s"
[network]
delay = "1ms..50ms"
loss_percent = 3
[[clock]]
node = "n2"
ahead_by = "-2s"
drift_ppm = 50
[processor]
seed = 9
hang_percent = 100
[patience]
attempts_max = 3
[phases]
linger = "31d"
[[shelf]]
sku = "MUG"
stock = 3
)");
  CHECK(made.where == topology{3, 16, storage_tier::rocks});
  CHECK_FALSE(made.shuffle_turns);
  CHECK(made.journal_write == span{1ms, 5ms});
  CHECK(made.steps_max == 1000);
  CHECK(made.bounds.live_entities_per_shard_max == 4);
  CHECK(made.bounds.idle_before_passivation == 3s);
  CHECK(made.network == link_conditions{{1ms, 50ms}, 3, 0, false});
  CHECK(made.clocks == std::vector<clock_setting>{{}, {-2s, 50}});
  CHECK(made.processor.seed == 9);
  CHECK(made.processor.hang_percent == 100);
  CHECK(made.clients_patience.attempts_max == 3);
  CHECK(made.time.linger == 31 * 24h);
  CHECK(made.shelves == std::vector<shelf>{{"MUG", 3, 1250}});
}

TEST_CASE("draw: of a list one is taken, and each of them by some seed") {
  std::set<std::uint16_t> seen;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) seen.insert(drawn("[world]\nshards = [1, 4, 16]\n", seed).where.shards);
  CHECK(seen == std::set<std::uint16_t>{1, 4, 16});
}

TEST_CASE("draw: a range gives all from min to max, durations in a readable grain") {
  std::set<std::uint16_t> nodes;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const auto made = drawn("[world]\nnodes = { min = 2, max = 4 }\n[phases]\nchaos = { min = \"10s\", max = \"12s\" }\n", seed);
    nodes.insert(made.where.nodes);
    CHECK(made.time.chaos >= 10s);
    CHECK(made.time.chaos <= 12s);
    CHECK(made.time.chaos % 1ms == 0ns);
  }
  CHECK(nodes == std::set<std::uint16_t>{2, 3, 4});
}

TEST_CASE("draw: taking a part away leaves the others what they were") {
  const std::string chaos = "[phases]\nchaos = { min = \"10s\", max = \"90s\" }\n";
  const std::string pause = "[[fault]]\ndo = \"pause\"\nlasts = { min = \"1s\", max = \"9s\" }\n";
  const std::string crash = "[[fault]]\ndo = \"crash\"\ndown = { min = \"1s\", max = \"9s\" }\n";
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto all = drawn("[world]\nshards = [1, 4, 16]\n" + chaos + pause + crash, seed);
    const auto less = drawn(chaos + crash, seed);
    CHECK(all.time == less.time);
    CHECK(all.processor == less.processor);
    CHECK(all.faults.at(1) == less.faults.at(0));
  }
}

TEST_CASE("draw: two faults of a kind are drawn each by itself, and so is the processor's temper") {
  const std::string crash = "[[fault]]\ndo = \"crash\"\ndown = { min = \"1s\", max = \"900s\" }\n";
  std::set<std::uint64_t> seeds;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto made = drawn(crash + crash, seed);
    CHECK(made.faults.at(0).what != made.faults.at(1).what);
    CHECK(made.faults.at(0).when != made.faults.at(1).when);
    seeds.insert(made.processor.seed);
  }
  CHECK(seeds.size() == 20);
}

TEST_CASE("draw: a fault without a trigger strikes during the chaos") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const auto made = drawn("[phases]\nwarm_up = \"5s\"\nchaos = \"10s\"\n[[fault]]\ndo = \"crash\"\n", seed);
    REQUIRE(made.faults.size() == 1);
    REQUIRE(made.faults[0].when.at.has_value());
    CHECK(*made.faults[0].when.at >= 5s);
    CHECK(*made.faults[0].when.at <= 15s);
  }
}

TEST_CASE("draw: a fault that strikes every so often does so until the chaos ends, differently each time") {
  const auto made = drawn("[phases]\nwarm_up = \"5s\"\nchaos = \"100s\"\n[[fault]]\ndo = \"pause\"\n"
                          "every = \"10s..20s\"\nlasts = { min = \"1ms\", max = \"1s\" }\n");
  CHECK(made.faults.size() >= 5);
  CHECK(made.faults.size() <= 10);
  bv::duration last = 5s;
  std::set<bv::duration> lengths;
  for (const auto& each : made.faults) {
    REQUIRE(each.when.at.has_value());
    CHECK(*each.when.at - last >= 10s);
    CHECK(*each.when.at - last <= 20s);
    last = *each.when.at;
    lengths.insert(std::get<pause_fault>(each.what).lasts);
  }
  CHECK(last < 105s);
  CHECK(lengths.size() > 3);
}

TEST_CASE("draw: a probability says in how many runs a fault strikes") {
  int struck = 0;
  for (std::uint64_t seed = 1; seed <= 1000; ++seed)
    struck += static_cast<int>(drawn("[[fault]]\ndo = \"crash\"\nprobability = 0.3\n", seed).faults.size());
  CHECK(struck > 250);
  CHECK(struck < 350);
}

TEST_CASE("draw: a fault strikes any node that there is") {
  std::set<std::uint16_t> nodes;
  for (std::uint64_t seed = 1; seed <= 50; ++seed)
    nodes.insert(drawn("[world]\nnodes = 3\n[[fault]]\ndo = \"crash\"\nnode = \"any\"\n", seed).faults.at(0).node);
  CHECK(nodes == std::set<std::uint16_t>{0, 1, 2});
}

TEST_CASE("draw: a fault may strike whoever leads when it does") {
  const std::string cluster = "[world]\nnodes = 3\nreplicas = 3\n";
  CHECK(drawn(cluster + "[[fault]]\ndo = \"crash\"\nnode = \"leader\"\n").faults.at(0).node == the_leader);
  const auto link = drawn(cluster + "[[fault]]\ndo = \"link\"\nbetween = [\"leader\", \"others\"]\n").faults.at(0);
  CHECK(std::get<link_fault>(link.what).a == "leader");
  CHECK(std::get<link_fault>(link.what).b == "others");
}

TEST_CASE("draw: a link between any two nodes is between two, each pair by some seed") {
  std::set<std::pair<std::string, std::string>> pairs;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const auto made = drawn("[world]\nnodes = 3\n[[fault]]\ndo = \"link\"\nbetween = [\"any\", \"any\"]\n", seed);
    const auto& link = std::get<link_fault>(made.faults.at(0).what);
    CHECK(link.a != link.b);
    pairs.emplace(link.a, link.b);
  }
  CHECK(pairs.size() == 6);
}

TEST_CASE("draw: triggers are events, steps of a saga and journal writes") {
  const auto made = drawn(R"(
[[fault]]
do = "crash"
on = "order.placed"
where = { customer = "ada" }
nth = 2
after = "5ms"
[[fault]]
do = "crash"
when = { saga = "checkout", done = "authorize payment" }
[[fault]]
do = "crash"
when = { saga = "cancel-order", undone = "end the checkout" }
[[fault]]
do = "disk_error"
node = "n2"
on_write = 7
moment = "torn"
)");
  REQUIRE(made.faults.size() == 4);
  CHECK(made.faults[0].when == trigger{{}, trigger::event_match{"order.placed", "", "customer", "ada", 2}, {}, 5ms});
  CHECK(made.faults[1].when == trigger{{}, trigger::event_match{"saga.stepDone", "checkout-", "step", "1", 1}, {}, {}});
  CHECK(made.faults[2].when == trigger{{}, trigger::event_match{"saga.stepUndone", "cancel-order-", "step", "0", 1}, {}, {}});
  CHECK(made.faults[3].when == trigger{{}, {}, trigger::journal_write{7, trigger::write_moment::torn}, {}});
  CHECK(made.faults[3].node == 1);
}

TEST_CASE("draw: every kind of fault has its keys") {
  const auto made = drawn(R"(
fault = [
  { do = "crash", at = "1s", down = "5s", unsynced = "torn" },
  { do = "pause", at = "1s", lasts = "2s" },
  { do = "disk_full", at = "1s", lasts = "2s" },
  { do = "disk_error", at = "1s", restart_after = "2s" },
  { do = "slow_disk", at = "1s", lasts = "2s", write = "50ms..1s" },
  { do = "bit_rot", at = "1s" },
  { do = "clock", at = "1s", ahead_by = "3s", drift_ppm = 7 },
  { do = "link", at = "1s", between = ["clients", "n1"], one_way = true, cut = true, lasts = "2s" },
  { do = "processor", at = "1s", behaviour = "hang", answer_after = "1s..2s", lasts = "2s" },
  { do = "stop", at = "1s", down = "4s" },
  { do = "command", at = "1s", entity = "order/o-1", command = "cancel", body = '{"reason": "x"}', copies = 2 },
]
)");
  const std::vector<fault_action> wanted{crash_fault{5s, unsynced::torn},
                                         pause_fault{2s},
                                         disk_full_fault{2s},
                                         disk_error_fault{2s},
                                         slow_disk_fault{2s, {50ms, 1s}},
                                         bit_rot_fault{},
                                         clock_fault{{3s, 7}},
                                         link_fault{"clients", "n1", true, {link_conditions{}.delay, 0, 0, true}, 2s},
                                         processor_fault{bv::commerce::processor_behaviour::hang, {1s, 2s}, 2s},
                                         stop_fault{4s},
                                         command_fault{{"order/o-1", "cancel", R"({"reason": "x"})", 2, false}}};
  REQUIRE(made.faults.size() == wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) CHECK(made.faults[i].what == wanted[i]);
}

TEST_CASE("draw: a client's steps are what they say") {
  const auto made = drawn(R"(
[[client]]
name = "phone"
user = "ada"
start = "3s"
node = "n1"
steps = [
  { ask = "cart/ada", command = "addItem", body = '{"sku": "MUG"}', copies = 3, optional = true },
  { view = "cart/ada" },
  { await = "order/o-1", path = "status", in = ["paid", "cancelled"], within = "90s", required = true },
  { wait = "5s" },
]
)");
  const client_script wanted{"phone", "ada", 3s, 0,
                             {ask_step{"cart/ada", "addItem", R"({"sku": "MUG"})", 3, true}, view_step{"cart/ada"},
                              await_step{"order/o-1", "status", {"paid", "cancelled"}, 90s, true}, wait_step{5s}}};
  CHECK(made.clients == std::vector<client_script>{wanted});
}

TEST_CASE("draw: expectations and invariants are what they say, numbers and truth values as JSON has them") {
  const auto made = drawn("invariants = [\"money_conserved\"]\n"
                          "[[expect]]\nentity = \"inventory/MUG\"\npath = \"available\"\nin = [3, true, \"x\"]\n");
  CHECK(made.expectations == std::vector<expectation>{{"inventory/MUG", "available", {"3", "true", "x"}}});
  CHECK(made.invariants == std::vector<std::string>{"money_conserved"});
}

TEST_CASE("draw: a shelf with a count is so many shelves, each drawn by itself") {
  const auto made = drawn("[[shelf]]\nsku = \"S\"\ncount = 30\nstock = { min = 1, max = 9 }\n");
  REQUIRE(made.shelves.size() == 30);
  CHECK(made.shelves[29].sku == "S-30");
  std::set<std::uint32_t> stocks;
  for (const auto& each : made.shelves) stocks.insert(each.stock);
  CHECK(stocks.size() > 5);
}

TEST_CASE("draw: each node's clock is drawn by itself") {
  const auto made = drawn("[world]\nnodes = 3\n[[clock]]\nnode = \"each\"\nahead_by = { min = \"-5s\", max = \"5s\" }\n");
  REQUIRE(made.clocks.size() == 3);
  CHECK(made.clocks[0] != made.clocks[1]);
  CHECK(made.clocks[1] != made.clocks[2]);
}

TEST_CASE("draw: a workload makes shoppers beside the clients that are written out") {
  const auto made = drawn("[workload]\nusers = 5\nsecond_device_percent = 0\n[[shelf]]\nsku = \"S\"\n[[client]]\nname = \"ada\"\n");
  REQUIRE(made.clients.size() == 6);
  CHECK(made.clients[0].name == "ada");
  CHECK(made.clients[5].name == "u5");
}
