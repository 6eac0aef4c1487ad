// covers: sim/plan/table_writer.cpp
#include "sim/plan/write_scenario.hpp"

#include <doctest/doctest.h>

#include "sim/plan/draw.hpp"
#include "sim/plan/shipped.hpp"

using namespace bv::sim;
using namespace std::chrono_literals;

namespace {

plan read_again(const std::string& text, std::uint64_t seed) {
  const auto read = read_scenario(text, "written.toml");
  if (!read) FAIL(read.error().message, "\n", text);
  return draw(*read, seed);
}

}  // namespace

TEST_CASE("write: every shipped scenario's plans, written and read, are the same plans whatever the seed") {
  for (const auto& each : shipped_scenarios()) {
    const auto read = read_scenario(each.text, std::string(each.file));
    REQUIRE(read.has_value());
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
      CAPTURE(each.file);
      CAPTURE(seed);
      const auto first = draw(*read, seed);
      const auto text = write_scenario(first);
      REQUIRE(read_again(text, seed) == first);
      auto under_another = read_again(text, seed + 1000);
      CHECK(under_another.seed == seed + 1000);
      under_another.seed = seed;
      REQUIRE(under_another == first);
    }
  }
}

TEST_CASE("write: nothing that a plan can say is forgotten") {
  plan what;
  what.scenario = "odd";
  what.seed = 3;
  what.where = {5, 7, storage_tier::rocks, 3};
  what.bounds = {11, 12, 13, 14, 15s, 16s, 17, 18s, 19ms, 20, 21, 22, 23};
  what.shuffle_turns = false;
  what.journal_write = {24us, 25us};
  what.network = {{26ms, 27ms}, 28, 29, true};
  what.clocks = {{30s, -31}, {}};
  what.processor = {32, 33, 34, 35, 36, 37s, 38s, 39, true};
  what.clients_patience = {40s, {41s, 42s}, 43};
  what.shelves = {{"A", 44, 45}};
  what.clients = {{"ada", "eva", 46s, 4, {await_step{"cart/ada", "lines", {"[]"}, 47s, true}, view_step{"cart/ada"}}}};
  what.faults = {{{.at = 48s, .then_after = 49s}, 3, slow_disk_fault{50s, {51s, 52s}}},
                 {{.at = 48s}, 3, disk_full_fault{53s}},
                 {{.at = 48s}, 3, bit_rot_fault{}},
                 {{.at = 48s}, 3, clock_fault{{54s, 55}}},
                 {{.at = 48s}, 3, link_fault{"n1", "n2", true, {{56s, 57s}, 58, 59, true}, 60s}},
                 {{.at = 48s}, 3, processor_fault{bv::commerce::processor_behaviour::fail, {61s, 62s}, 63s}},
                 {{.at = 48s}, 3, command_fault{{"cart/ada", "clear", "{ }", 64, true}}},
                 {{.on_write = trigger::journal_write{65, trigger::write_moment::after}}, 3, crash_fault{66s, unsynced::kept}},
                 {{.on_event = trigger::event_match{"a.b", "c", "d", "e", 67}}, 3, disk_error_fault{68s}},
                 {{.at = 48s}, the_leader, stop_fault{75s}},
                 {{.at = 48s}, 3, link_fault{"others", "leader", true, {{76s, 77s}, 78, 79, false}, 80s}}};
  what.time = {69s, 70s, 71s, 72s};
  what.expectations = {{"cart/ada", "total.minor", {"73"}}};
  what.invariants = {"sagas_end"};
  what.steps_max = 74;
  CHECK(read_again(write_scenario(what), 3) == what);
}

TEST_CASE("write: a processor's seed of 0 is no seed to be drawn") {
  plan what;
  what.scenario = "x";
  CHECK(read_again(write_scenario(what), 1).processor.seed == 0);
}

TEST_CASE("write: the text itself comes back, too") {
  for (const auto& each : shipped_scenarios()) {
    CAPTURE(each.file);
    const auto read = read_scenario(each.text, std::string(each.file));
    REQUIRE(read.has_value());
    const auto text = write_scenario(draw(*read, 7));
    CHECK(write_scenario(read_again(text, 7)) == text);
  }
}

TEST_CASE("write: only what differs from the defaults is said, one client and one fault a block") {
  plan what;
  what.scenario = "small";
  what.seed = 42;
  what.where.nodes = 2;
  what.processor.seed = 5;
  what.shelves = {{"MUG", 3, 1250}};
  what.clients = {{"ada", "", 1s, 1, {ask_step{"cart/ada", "addItem", R"({"sku": "MUG"})", 1, false},
                                      await_step{"cart/ada", "lines.0.sku", {"MUG"}, 60s, true}, wait_step{}}}};
  what.faults = {{{.at = 90s}, 1, crash_fault{5s, unsynced::drawn}},
                 {{.on_event = trigger::event_match{"saga.stepDone", "checkout-", "step", "0", 2}, .then_after = 3ms},
                  0, pause_fault{1s}},
                 {{.on_write = trigger::journal_write{1, trigger::write_moment::before}}, 0, disk_error_fault{}}};
  CHECK(write_scenario(what, {.about = "Say \"hi\".", .expected = {"never_oversold"}}) == R"(name = "small"
about = 'Say "hi".'
seeds = "42"
expect_violation = "never_oversold"

[world]
nodes = 2

[processor]
seed = 5

[[shelf]]
sku = "MUG"
stock = 3

[[client]]
name = "ada"
start = "1s"
node = "n2"
steps = [
  { ask = "cart/ada", command = "addItem", body = '{"sku": "MUG"}' },
  { await = "cart/ada", path = "lines.0.sku", in = ["MUG"], required = true },
  { wait = "0s" },
]

[[fault]]
do = "crash"
at = "90s"
node = "n2"
down = "5s"

[[fault]]
do = "pause"
on = "saga.stepDone"
id_prefix = "checkout-"
where = { step = 0 }
nth = 2
after = "3ms"
lasts = "1s"

[[fault]]
do = "disk_error"
on_write = 1
moment = "before"
)");
}

TEST_CASE("write: what a file's head says is read again") {
  plan what;
  what.scenario = "small";
  what.seed = 42;
  const auto read = read_scenario(write_scenario(what, {.about = "It's \"so\".\n", .expected = {"sagas_end"}}), "x.toml");
  REQUIRE(read.has_value());
  CHECK(read->name == "small");
  CHECK(read->about == "It's \"so\".\n");
  CHECK(read->seeds == seed_range{42, 42});
  CHECK(read->expected.violation == "sagas_end");
}

TEST_CASE("write: texts with anything in them come back") {
  for (const std::string nasty : {"'", "\"", "'\"", "\\", "a\\\"'\n\t\x01\x7f", "ü €", "{\"a\": \"it's\"}", ""}) {
    plan what;
    what.scenario = "x";
    what.invariants = {nasty};
    what.clients = {{"c", "", {}, 0, {ask_step{"cart/c", "addItem", nasty, 1, false}, await_step{"cart/c", nasty, {nasty, "0", "true"}, 1s, false}}}};
    what.faults = {{{.on_event = trigger::event_match{"a.b", "", "od.d key", nasty, 1}}, 0, crash_fault{}},
                   {{.on_event = trigger::event_match{"a.b", "", "step", "007", 1}}, 0, crash_fault{}},
                   {{.on_event = trigger::event_match{"a.b", "", "low", "true", 1}}, 0, crash_fault{}}};
    CAPTURE(nasty);
    CHECK(read_again(write_scenario(what), 1).clients == what.clients);
    CHECK(read_again(write_scenario(what), 1).faults == what.faults);
    CHECK(read_again(write_scenario(what), 1).invariants == what.invariants);
  }
}
