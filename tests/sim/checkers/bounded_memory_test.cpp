#include <doctest/doctest.h>

#include "tests/sim/checkers/history.hpp"

namespace bv::sim::testing {
namespace {

/// What is said of a load that is seen so long after the last record.
std::vector<violation> judge_load(const history& h, const node_load& load, duration later = {}) {
  auto chosen = h.of;
  chosen.invariants = {"bounded_memory"};
  auto checkers = make_checkers(chosen).value();
  std::vector<violation> found;
  for (const auto& record : h.seen.records) checkers.front()->on_record(record, found);
  checkers.front()->on_load(load, h.now() + later, found);
  return found;
}

node_load live(std::int64_t entities) { return {.entities_live = entities, .entities_live_max = 100, .in_flight_max = 10}; }
node_load in_flight(std::int64_t requests) { return {.entities_live_max = 100, .in_flight = requests, .in_flight_max = 10}; }

TEST_CASE("bounded memory: up to the limits all is well, and not beyond") {
  const history h;
  CHECK(judge_load(h, live(100)).empty());
  CHECK(says(judge_load(h, live(101)), "n1 has 101 entities in memory; the limit is 100, and 0 more could not be sent away"));
  CHECK(judge_load(h, in_flight(10)).empty());
  CHECK(says(judge_load(h, in_flight(11)), "n1 has 11 requests in flight; the limit is 10, and 0 wake-ups"));
}

TEST_CASE("bounded memory: an entity that is asked something stays") {
  auto load = live(105);
  load.in_flight = 5;
  CHECK(judge_load({}, load).empty());
  load.in_flight = 4;
  CHECK(judge_load({}, load).size() == 1);
}

TEST_CASE("bounded memory: what was written a moment ago may still be there") {
  history h;
  stock(h);
  CHECK(judge_load(h, live(102), 1s).empty());
  CHECK(judge_load(h, live(103), 1s).size() == 1);
  CHECK(judge_load(h, live(102), 3s).size() == 1);
  h.of.faults.push_back({.when = {.at = 1s}, .what = pause_fault{10s}});
  CHECK(judge_load(h, live(102), 3s).empty());
}

TEST_CASE("bounded memory: a saga stays until it is over") {
  history h;
  stock(h);
  start_checkout(h, "O1");
  CHECK(judge_load(h, live(101), 1min).empty());
  CHECK(judge_load(h, live(102), 1min).size() == 1);
  confirm(h, "O1");
  settle(h, "O1");
  CHECK(judge_load(h, live(101), 1min).size() == 1);
}

TEST_CASE("bounded memory: wake-ups do not ask to be let in") {
  history h;
  stock(h);  // two entities, each with a wake-up
  CHECK(judge_load(h, in_flight(12)).empty());
  CHECK(judge_load(h, in_flight(13)).size() == 1);
  h.log<inventory::contract>("MUG", {inventory::received{1, {}, {}}}).wake_after = {};
  CHECK(judge_load(h, in_flight(12)).size() == 1);
}

}  // namespace
}  // namespace bv::sim::testing
