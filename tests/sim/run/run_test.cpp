#include "sim/run/run.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>

#include "tests/sim/run/purchase.hpp"
#include "tests/storage/worlds.hpp"

using namespace bv;
using namespace bv::sim;
using namespace bv::sim::testing;
using namespace std::chrono_literals;

namespace {

/// The purchase on bad ground: lossy links, crashes whose unfinished writes are left to chance, a disk that fails.
plan disturbed_purchase(std::uint64_t seed) {
  auto made = one_purchase();
  made.seed = seed;
  made.network.loss_percent = 5;
  made.network.duplicate_percent = 5;
  made.time.chaos = 30s;
  made.faults = {{.when = {.at = 200ms}, .what = crash_fault{.down = 500ms}},
                 {.when = {.on_write = trigger::journal_write{.number = 7, .moment = trigger::write_moment::torn}},
                  .what = crash_fault{.down = 300ms}},
                 {.when = {.on_event = trigger::event_match{.type = "order.placed"}}, .what = crash_fault{.down = 1s}},
                 {.when = {.on_event = trigger::event_match{.type = "order.paid"}}, .what = disk_error_fault{}},
                 {.when = {.at = 8s}, .what = disk_full_fault{.lasts = 2s}},
                 {.when = {.at = 12s}, .what = crash_fault{.down = 500ms}}};
  return made;
}

/// Two customers, each in the shop of a node of its own.
plan two_shops() {
  auto made = one_purchase();
  made.where.nodes = 2;
  auto eve = made.clients.front();
  eve.name = "eve";
  eve.node = 1;
  eve.steps = {ask_step{.entity = "cart/eve", .command = "addItem", .body = R"({"sku":"MUG-1","quantity":3})"},
               ask_step{.entity = "cart/eve", .command = "checkout", .body = R"({"orderId":"o2"})"},
               await_step{.entity = "order/o2", .path = "status", .values = {"paid"}, .required = true}};
  made.clients.push_back(eve);
  made.expectations = {{"order/o1", "status", {"delivered"}}, {"order/o2", "status", {"paid"}}};
  return made;
}

bool breaks(const run_outcome& outcome, std::string_view invariant) {
  return std::ranges::any_of(outcome.violations, [&](const violation& one) { return one.invariant == invariant; });
}

std::string error_of(const plan& what) {
  const auto outcome = run(what, {.tracing = {}, .folder = {}});
  return outcome ? "none" : outcome.error().code;
}

}  // namespace

TEST_CASE("run: an undisturbed purchase is delivered") {
  const auto outcome = run_well(one_purchase());
  CHECK(outcome.commands_accepted == 5);  // the shelf's product is one
  CHECK(outcome.commands_refused == 0);
  CHECK(outcome.commands_unknown == 0);
  CHECK(outcome.sagas_ended == 1);
  REQUIRE(outcome.journal_writes.size() == 1);
  CHECK(outcome.journal_writes.front() > 5);
  CHECK(outcome.virtual_time >= 5s);
  CHECK(outcome.what_happened.lines().back().at - outcome.began <= outcome.virtual_time);
}

TEST_CASE("run: the same plan gives the same run, another seed another one") {
  auto what = one_purchase();
  const auto first = run_well(what), again = run_well(what);
  CHECK(first.hash == again.hash);
  CHECK(first.digest == again.digest);
  CHECK(first.turns == again.turns);
  CHECK(first.events == again.events);
  what.seed = 2;
  CHECK(run_well(what).hash != first.hash);
}

TEST_CASE("run: the hash does not depend on what is kept of the trace") {
  const auto what = one_purchase();
  const auto silent = run(what, {.tracing = {.keep = false}, .folder = {}});
  REQUIRE(silent.has_value());
  CHECK(silent->what_happened.lines().empty());
  CHECK(silent->hash == run_well(what).hash);
}

TEST_CASE("run: both tiers have the same run and the same bytes in the end, whatever strikes") {
  std::uint64_t struck = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    auto what = disturbed_purchase(seed);
    const auto in_memory = run_well(what);
    for (const auto& line : in_memory.what_happened.lines()) struck += line.kind == trace_kind::fault;
    what.where.tier = storage_tier::rocks;
    const storage::scratch_folder folder;
    const auto on_files = run_well(what, folder.path);
    CHECK(std::filesystem::exists(folder.path + "/n1/log"));
    CHECK(on_files.hash == in_memory.hash);
    CHECK(on_files.digest == in_memory.digest);
    CHECK(on_files.turns == in_memory.turns);
    CHECK(on_files.journal_writes == in_memory.journal_writes);
  }
  // Six strikes and four ends of each seed, less those that found the node down already.
  CHECK(struck > 20 * 5);
}

TEST_CASE("run: two nodes are two shops, and what strikes one leaves the other alone") {
  auto what = two_shops();
  auto outcome = run_well(what);
  CHECK(outcome.sagas_ended == 2);
  REQUIRE(outcome.journal_writes.size() == 2);
  CHECK(outcome.journal_writes[0] > 5);
  CHECK(outcome.journal_writes[1] > 5);
  what.faults = {{.when = {.at = 100ms}, .node = 1, .what = crash_fault{.down = 3s}}};
  outcome = run_well(what);
  for (const auto& line : outcome.what_happened.lines())
    if (line.where == "n1" && line.at > outcome.began && line.at < outcome.began + 5s) CHECK(line.what != "crashes");
}

TEST_CASE("run: an expectation that is not met is a violation, and says what was there instead") {
  auto what = one_purchase();
  what.expectations = {{"order/o1", "status", {"cancelled", "refunded"}}, {"order/o9", "status", {"paid"}},
                       {"order/o1", "colour", {"red"}}, {"order/o1", "status", {"paid", "delivered"}}};
  const auto outcome = run_plan_here(what);
  REQUIRE(outcome.violations.size() == 3);
  for (const auto& one : outcome.violations) CHECK(one.invariant == "expected");
  CHECK(outcome.violations[0].what == "order/o1 status is delivered at the end, not cancelled");
  CHECK(outcome.violations[1].what == "order/o9 status is not there at the end, not paid");
  CHECK(outcome.violations[2].what == "order/o1 colour is not there at the end, not red");
}

TEST_CASE("run: what a client waits for in vain is a violation if it is required") {
  auto what = one_purchase();
  what.clients.front().steps = {await_step{.entity = "order/o1", .path = "status", .values = {"paid"}, .within = 5s}};
  what.expectations.clear();
  run_well(what);
  std::get<await_step>(what.clients.front().steps.front()).required = true;
  CHECK(breaks(run_plan_here(what), "awaited"));
}

TEST_CASE("run: a node that does not start again is a violation") {
  auto what = one_purchase();
  what.faults = {{.when = {.at = 4s}, .what = bit_rot_fault{}}};
  const auto outcome = run_plan_here(what);
  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.violations.front().invariant == "node_starts");
}

TEST_CASE("run: one that takes more steps than it may is over, in whatever phase it is, and says so") {
  auto what = one_purchase();
  what.time.linger = 1h;
  const auto whole = run_well(what);
  int runaways = 0;
  for (std::uint64_t steps_max = 1; steps_max < whole.turns + whole.events; steps_max += 500) {
    what.steps_max = steps_max;
    const auto outcome = run_plan_here(what);
    if (!breaks(outcome, "runaway")) continue;
    CHECK(outcome.violations.front().invariant == "runaway");
    CHECK(outcome.turns + outcome.events <= steps_max + 4096);
    ++runaways;
  }
  CHECK(runaways > 1);
}

TEST_CASE("run: who does not come to rest in time is named") {
  auto what = one_purchase();
  what.clients.push_back({.name = "eve", .user = {}, .steps = {wait_step{1h}}});
  const auto outcome = run_plan_here(what);
  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.violations.front().invariant == "settles");
  CHECK(outcome.violations.front().what == "still not at rest: client eve");
  what.time.settle_max = 2h;
  run_well(what);
}

TEST_CASE("run: it lingers, for what happens long after all is at rest") {
  auto what = one_purchase();
  what.clients.front().steps = {
      ask_step{.entity = "inventory/MUG-1", .command = "reserve", .body = R"({"reservationId":"r1","quantity":3})"}};
  what.expectations = {{"inventory/MUG-1", "available", {"10"}}};
  CHECK(breaks(run_plan_here(what), "expected"));
  what.time.linger = 6min;
  CHECK(run_well(what).virtual_time >= 6min);
}

TEST_CASE("run: whom nothing disturbs need not ask twice") {
  auto what = one_purchase();
  // The node gives up before its disk has written, and is asked again.
  what.journal_write = {1200ms, 1200ms};
  what.bounds.default_deadline = 1ms;
  what.clients_patience.answer_within = 10s;
  what.clients.front().steps.resize(1);
  what.expectations.clear();
  CHECK(breaks(run_plan_here(what), "undisturbed"));
  auto lossy = what;
  lossy.network.loss_percent = 1;
  CHECK_FALSE(breaks(run_plan_here(lossy), "undisturbed"));
  auto narrow = what;
  narrow.bounds.in_flight_per_shard_max = 1;
  CHECK_FALSE(breaks(run_plan_here(narrow), "undisturbed"));
}

TEST_CASE("run: what an operator does by hand is done") {
  auto what = one_purchase();
  what.faults = {{.when = {.at = 1s},
                  .what = command_fault{{.entity = "inventory/MUG-1", .command = "receive", .body = R"({"quantity":5})"}}}};
  what.expectations = {{"inventory/MUG-1", "available", {"13"}}};
  CHECK(run_well(what).commands_accepted == 6);
}

TEST_CASE("run: refusals and what nobody knows are counted") {
  auto what = one_purchase();
  what.clients = {{.name = "ada", .user = {}, .steps = {ask_step{.entity = "order/none", .command = "ship"}}},
                  {.name = "eve", .user = {}, .steps = {ask_step{.entity = "cart/eve", .command = "addItem",
                                                                 .body = R"({"sku":"MUG-1","quantity":1})"}}}};
  what.clients_patience.attempts_max = 1;
  what.network.delay = {1s, 1s};
  what.clients_patience.answer_within = 2s + 1ms;
  what.expectations.clear();
  const auto outcome = run_plan_here(what);
  CHECK(outcome.commands_refused == 1);
  CHECK(outcome.commands_unknown + outcome.commands_accepted == 2);
}

TEST_CASE("run: only the invariants that the plan names are judged by") {
  auto what = one_purchase();
  what.invariants = {"money_conserved"};
  run_well(what);
  what.invariants = {"money_conserved", "mice_conserved"};
  CHECK(error_of(what) == "invariant_unknown");
}

TEST_CASE("run: a plan that names what is not there is refused") {
  auto what = one_purchase();
  what.clients.front().steps = {view_step{"spaceship/one"}};
  CHECK(error_of(what) == "plan_entity_unknown");
  what = one_purchase();
  what.clients.front().node = 1;
  CHECK(error_of(what) == "plan_node_unknown");
  what = one_purchase();
  what.faults = {{.when = {.at = 1s}, .node = 1, .what = crash_fault{}}};
  CHECK(error_of(what) == "plan_node_unknown");
  what = one_purchase();
  what.faults = {{.when = {.at = 1s}, .what = command_fault{{.entity = "order/o1", .command = "launch"}}}};
  CHECK(error_of(what) == "plan_command_unknown");
}
