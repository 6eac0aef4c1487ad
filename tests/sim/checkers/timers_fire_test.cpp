#include <doctest/doctest.h>

#include "tests/sim/checkers/history.hpp"

namespace bv::sim::testing {
namespace {

std::vector<violation> judge_timers(const history& h) { return h.judge_by("timers_fire"); }

history started() {
  history h;
  h.pass(1h);
  stock(h);
  start_checkout(h, "O1");
  return h;
}

TEST_CASE("timers: nobody is late before the time has come, and some seconds more") {
  auto h = started();
  CHECK_MESSAGE(judge_timers(h).empty(), text_of(judge_timers(h)));
  h.pass(39s);
  CHECK_MESSAGE(judge_timers(h).empty(), text_of(judge_timers(h)));
  h.pass(2s);
  CHECK(says(judge_timers(h), "n1 saga/checkout-O1 was to be woken at"));
  CHECK(judge_timers(h).size() == 1);
}

TEST_CASE("timers: goods that are still held, orders unpaid, payments unfinished and carts idle are missed in time") {
  auto h = started();
  h.pass(5min + 11s);
  CHECK(says(judge_timers(h), "inventory/MUG was to be woken"));
  CHECK(!says(judge_timers(h), "order/O1"));
  h.pass(25min);
  CHECK(says(judge_timers(h), "order/O1 was to be woken"));
  CHECK(says(judge_timers(h), "payment/O1 was to be woken"));
  CHECK(!says(judge_timers(h), "cart/ada"));  // it is being checked out
  h.log<cart::contract>("ada", {cart::checkout_reopened{"O1", h.now()}});
  h.pass(30 * 24h);
  CHECK(!says(judge_timers(h), "cart/ada"));
  h.pass(11s);
  CHECK(says(judge_timers(h), "cart/ada was to be woken"));
}

TEST_CASE("timers: what has happened is waited for no more") {
  history h;
  stock(h);
  sell(h, "O1");
  undo(h, "O2");
  h.log<cart::contract>("ada", {cart::cleared{h.now()}});
  h.pass(100 * 24h);
  CHECK_MESSAGE(judge_timers(h).empty(), text_of(judge_timers(h)));
}

TEST_CASE("timers: a node that does not serve wakes nobody") {
  auto h = started();
  h.pass(2 * 24h);
  CHECK(!judge_timers(h).empty());
  h.seen.loads = {{.node = 0, .serving = true}, {.node = 0, .serving = false}, {.node = 1, .serving = true}};
  CHECK(judge_timers(h).empty());
  h.seen.loads.push_back({.node = 0, .serving = true});
  CHECK(!judge_timers(h).empty());
}

TEST_CASE("timers: a clock that is behind makes everything late by as much") {
  auto h = started();
  h.pass(1min);
  CHECK(judge_timers(h).size() == 1);
  SUBCASE("all the time") { h.of.clocks = {{.ahead_by = -1min}}; }
  SUBCASE("for a while") { h.of.faults.push_back({.when = {.at = 1s}, .what = clock_fault{{.ahead_by = -1min}}}); }
  CHECK(judge_timers(h).empty());
}

TEST_CASE("timers: a clock that is ahead excuses nothing") {
  auto h = started();
  h.pass(1min);
  h.of.clocks = {{.ahead_by = 1min}};
  CHECK(judge_timers(h).size() == 1);
}

TEST_CASE("timers: the event and the wake-up that it needs are one write") {
  auto h = started();
  const auto deadline = h.seen.records.front().decided_at + 30min;
  for (auto& record : h.seen.records) {
    if (record.entity.type() != "order") continue;
    record.wake_after = deadline;
    CHECK(judge_timers(h).empty());
    record.wake_after = deadline + 1h;
    CHECK(says(judge_timers(h), "the wake-up is registered for"));
    record.wake_after = {};
    CHECK(says(judge_timers(h), "and no wake-up is registered"));
  }
}

TEST_CASE("timers: who waits for nothing needs no wake-up") {
  history h;
  stock(h);
  for (auto& record : h.seen.records) record.wake_after = {};
  CHECK_MESSAGE(judge_timers(h).empty(), text_of(judge_timers(h)));
}

TEST_CASE("timers: nobody is woken before the time") {
  auto h = started();
  const auto at = h.now();
  h.log<cart::contract>("ada", {cart::expired{at}});
  h.log<inventory::contract>("MUG", {inventory::reservation_expired{"O1", 2, at}});
  h.log<order::contract>("O1", {order::cancelled{"unpaid", at}});
  h.log<payment::contract>("O1", {payment::timed_out{at}});
  h.log<run::contract>("checkout-O1", {run::compensation_began{run::cause::deadline, {}, 0, {}, at}});
  CHECK(judge_timers(h).size() == 5);
  CHECK(says(judge_timers(h), "its timer fired at"));
}

TEST_CASE("timers: whoever is woken at the time is not early") {
  auto h = started();
  h.log<run::contract>("checkout-O1", {run::compensation_began{run::cause::deadline, {}, 0, {}, h.now() + 30s}});
  h.pass(5min);
  h.log<inventory::contract>("MUG", {inventory::reservation_expired{"O1", 2, h.now()}});
  h.pass(25min);
  h.log<order::contract>("O1", {order::cancelled{"unpaid", h.now()}});
  h.log<payment::contract>("O1", {payment::timed_out{h.now()}});
  CHECK_MESSAGE(judge_timers(h).empty(), text_of(judge_timers(h)));
}

TEST_CASE("timers: nothing is sold on a hold that is over, however late its timer is") {
  history h;
  stock(h);
  const auto until = h.now() + 5min + 1ms;
  h.log<inventory::contract>("MUG", {inventory::reserved{"A", 1, until}, inventory::reserved{"B", 1, until}});
  h.log<inventory::contract>("MUG", {inventory::committed{"A", 1, {until.ns - 1}}});
  CHECK_MESSAGE(judge_timers(h).empty(), text_of(judge_timers(h)));
  h.pass(5min);
  h.log<inventory::contract>("MUG", {inventory::committed{"B", 1, until}});
  CHECK(says(judge_timers(h), "reservation B is sold at"));
}

TEST_CASE("timers: goods are held for five minutes, and freed in the order in which they were held") {
  history h;
  stock(h);
  h.log<inventory::contract>("MUG", {inventory::reserved{"A", 1, h.now() + 5min}});
  h.log<inventory::contract>("MUG", {inventory::reserved{"B", 1, h.now() + 4min}});
  CHECK(says(judge_timers(h), "reservation B is held until"));
  history stepped;  // the clock was put back by an hour: B waits for A
  stepped.pass(2h);
  stock(stepped);
  const auto until = stepped.now() + 5min;
  stepped.log<inventory::contract>("MUG", {inventory::reserved{"A", 1, until}});
  stepped.log<inventory::contract>("MUG", {inventory::reserved{"B", 1, until}}).decided_at = stepped.now() - 1h;
  CHECK_MESSAGE(judge_timers(stepped).empty(), text_of(judge_timers(stepped)));
}

}  // namespace
}  // namespace bv::sim::testing
