#include "sim/hunt/campaign.hpp"

#include <doctest/doctest.h>
#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/plan/draw.hpp"
#include "tests/storage/worlds.hpp"

using namespace bv;
using namespace bv::sim;

namespace {

const std::string one_order = R"(
[phases]
chaos = "20s"
[processor]
approve_percent = 100
[[shelf]]
sku = "MUG"
stock = 5
[[client]]
name = "ada"
steps = [
  { ask = "cart/ada", command = "addItem", body = '{"sku": "MUG", "quantity": 2}' },
  { ask = "cart/ada", command = "checkout", body = '{"orderId": "o-1"}' },
  { await = "order/o-1", path = "status", in = ["paid"], required = true },
]
)";

scenario scenario_of(const std::string& head, const std::string& rest = one_order) {
  auto read = read_scenario("name = \"tiny\"\nabout = \"One order.\"\n" + head + rest, "tiny.toml");
  const auto problem = read ? std::string() : describe(read.error());
  REQUIRE_MESSAGE(read.has_value(), problem);
  return *std::move(read);
}

std::vector<seed_outcome> outcomes_of(const scenario& what, const seed_range& seeds, const campaign_options& options) {
  std::vector<seed_outcome> all;
  const auto done = run_seeds(what, seeds, options, [&](const seed_outcome& one) {
    all.push_back(one);
    return true;
  });
  const auto problem = done ? std::string() : describe(done.error());
  REQUIRE_MESSAGE(done.has_value(), problem);
  return all;
}

seed_outcome outcome_of(const scenario& what, const campaign_options& options = {}) {
  auto all = outcomes_of(what, {1, 1}, options);
  REQUIRE(all.size() == 1);
  return all.front();
}

}  // namespace

TEST_CASE("campaign: its outcomes come in the order of the seeds and are the same, however many processes it has") {
  const auto what = scenario_of("");
  const auto one = outcomes_of(what, {3, 10}, {.at_once = 1});
  const auto four = outcomes_of(what, {3, 10}, {.at_once = 4});
  REQUIRE(one.size() == 8);
  REQUIRE(four.size() == 8);
  for (std::size_t i = 0; i < one.size(); ++i) {
    CHECK(one[i].ok());
    CHECK(one[i].seed == 3 + i);
    CHECK(four[i].seed == 3 + i);
    CHECK(one[i].hash == four[i].hash);
    CHECK(one[i].digest == four[i].digest);
    CHECK(one[i].runs == 1);
  }
  CHECK(one[0].hash != one[1].hash);
}

TEST_CASE("campaign: a run in a process of its own is the run that it is in ours") {
  const auto what = scenario_of("");
  const auto there = outcome_of(what);
  const auto here = run(draw(what, 1), {.tracing = {}, .folder = {}});
  REQUIRE(here.has_value());
  CHECK(there.hash == here->hash);
  CHECK(there.digest == here->digest);
  CHECK(there.turns == here->turns);
  CHECK(there.events == here->events);
  CHECK(there.journal_writes == here->journal_writes.front());
  CHECK(there.commands_accepted == here->commands_accepted);
  CHECK(there.sagas_ended == 1);
  CHECK(there.virtual_time == here->virtual_time);
  const auto of_plan = run_plan(draw(what, 1), {});
  REQUIRE(of_plan.has_value());
  CHECK(of_plan->hash == here->hash);
}

TEST_CASE("campaign: it stops when it is told to") {
  int calls = 0;
  const auto done = run_seeds(scenario_of(""), {1, 1000}, {.at_once = 3}, [&](const seed_outcome&) { return ++calls < 4; });
  CHECK(done.has_value());
  CHECK(calls == 4);
}

TEST_CASE("campaign: what a run breaks is known with all that was said of it") {
  const auto outcome =
      outcome_of(scenario_of("", one_order + "[[expect]]\nentity = \"order/o-1\"\npath = \"status\"\nin = [\"shipped\"]\n"));
  REQUIRE(outcome.violations.size() == 1);
  CHECK(outcome.breaks("expected"));
  CHECK_FALSE(outcome.breaks("money_conserved"));
  CHECK(outcome.violations.front().what == "order/o-1 status is paid at the end, not shipped");
  CHECK(outcome.violations.front().at > timestamp{});
}

TEST_CASE("campaign: a run that dies breaks the invariant `crashes`, with its last words") {
  const auto outcome = outcome_of(scenario_of(""), {.prepare = [] {
    ::signal(SIGABRT, SIG_DFL);
    std::fputs("an assertion", stderr);
    std::abort();
  }});
  REQUIRE(outcome.breaks("crashes"));
  CHECK(outcome.violations.front().what.ends_with("an assertion"));
  CHECK(outcome.runs == 0);
}

TEST_CASE("campaign: a run that never ends breaks the invariant `ends`, and leaves no files") {
  const storage::scratch_folder folder;
  const auto what = scenario_of("", "[phases]\nlinger = \"3000d\"\n[[shelf]]\nsku = \"MUG\"\nstock = 5\n");
  const auto outcome = outcome_of(what, {.tier = storage_tier::rocks, .cpu_seconds_max = 1, .folder = folder.path});
  REQUIRE(outcome.violations.size() == 1);
  CHECK(outcome.breaks("ends"));
  CHECK(std::filesystem::is_empty(folder.path));
}

TEST_CASE("campaign: it may use the other tier, and comes to the same, without leaving files") {
  const storage::scratch_folder folder;
  const auto what = scenario_of("");
  const auto in_memory = outcome_of(what);
  const auto on_files = outcome_of(what, {.tier = storage_tier::rocks, .folder = folder.path});
  CHECK(on_files.ok());
  CHECK(on_files.hash == in_memory.hash);
  CHECK(on_files.digest == in_memory.digest);
  CHECK(std::filesystem::is_empty(folder.path));
  const auto nowhere = run_seeds(what, {1, 1}, {.tier = storage_tier::rocks, .folder = folder.path + "/not/there"},
                                 [](const seed_outcome&) { return true; });
  REQUIRE_FALSE(nowhere.has_value());
  CHECK(nowhere.error().code == "no_folder");
}

TEST_CASE("campaign: an exhaustive scenario is run once undisturbed and once for each write and moment") {
  const auto undisturbed = outcome_of(scenario_of(""));
  REQUIRE(undisturbed.journal_writes > 5);
  const auto all = outcome_of(scenario_of("exhaustive = \"journal_writes\"\nmoments = [\"before\", \"after\"]\n"));
  CHECK(all.ok());
  CHECK(all.runs == 1 + 2 * undisturbed.journal_writes);
  CHECK(all.sagas_ended == all.runs);
  CHECK(all.hash != undisturbed.hash);
  const auto torn = outcome_of(scenario_of("exhaustive = \"journal_writes\"\nmoments = [\"torn\"]\n"));
  CHECK(torn.runs == 1 + undisturbed.journal_writes);
}

TEST_CASE("campaign: an exhaustive scenario ends with the first crash that breaks something, and names it") {
  // A client without patience does not survive the first crash that it sees.
  const auto outcome =
      outcome_of(scenario_of("exhaustive = \"journal_writes\"\nmoments = [\"before\"]\n", "[patience]\nattempts_max = 1\n" + one_order +
                             "[[expect]]\nentity = \"order/o-1\"\npath = \"status\"\nin = [\"paid\"]\n"));
  REQUIRE(outcome.breaks("expected"));
  REQUIRE(outcome.failed_at.crash.has_value());
  CHECK(outcome.runs == 1 + outcome.failed_at.crash->number);
  CHECK(to_text(outcome.failed_at).starts_with("crash of n1 at its journal write "));
  CHECK(to_text(outcome.failed_at).ends_with(", before"));
}

TEST_CASE("campaign: an exhaustive scenario that fails undisturbed is not disturbed") {
  const auto outcome =
      outcome_of(scenario_of("exhaustive = \"journal_writes\"\nmoments = [\"before\"]\n",
                             one_order + "[[expect]]\nentity = \"order/o-1\"\npath = \"status\"\nin = [\"shipped\"]\n"));
  CHECK(outcome.breaks("expected"));
  CHECK(outcome.runs == 1);
  CHECK(outcome.failed_at == variant{});
}

TEST_CASE("campaign: a variant is a fault more, and says which") {
  CHECK(apply(plan{}, {}) == plan{});
  CHECK(to_text(variant{}) == "without a crash");
  const variant torn{.crash = trigger::journal_write{7, trigger::write_moment::torn}, .node = 1};
  const auto changed = apply(plan{}, torn);
  REQUIRE(changed.faults.size() == 1);
  CHECK(changed.faults.front().node == 1);
  CHECK(changed.faults.front().when.on_write == torn.crash);
  CHECK(std::holds_alternative<crash_fault>(changed.faults.front().what));
  CHECK(to_text(torn) == "crash of n2 at its journal write 7, torn");
}

TEST_CASE("campaign: a plan that is wrong is an error, not an outcome") {
  plan what;
  what.clients = {{.name = "ada", .user = {}, .steps = {view_step{"spaceship/one"}}}};
  const auto outcome = run_plan(what, {});
  REQUIRE_FALSE(outcome.has_value());
  CHECK(outcome.error().code == "plan_entity_unknown");
}
