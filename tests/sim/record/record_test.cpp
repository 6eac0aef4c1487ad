// What is recorded of a run and replayed ends as the run did, and takes as long: the proof of `bv sim record`.
#include "sim/record/record.hpp"

#include "protocols/schema/contract.hpp"
#include "tests/sim/record/replay.hpp"
#include "tests/sim/record/told.hpp"

using namespace bv;
using namespace bv::sim;
using namespace bv::sim::testing;
using namespace std::chrono_literals;

namespace {

namespace run_events = sagas::run;

/// A replayed saga's event comes at most this much sooner or later after its start than the recorded one did.
constexpr duration tolerance = 100ms;

std::string name_of(const run_events::event& of) {
  const auto& contract = run_events::contract::reflection();
  auto name = contract.find_event(static_cast<std::uint16_t>(of.index()))->name;
  if (const auto* fact = std::get_if<run_events::step_done>(&of)) name += " " + std::to_string(fact->step);
  if (const auto* fact = std::get_if<run_events::step_undone>(&of)) name += " " + std::to_string(fact->step);
  if (const auto* fact = std::get_if<run_events::attempt_failed>(&of)) name += " " + fact->fault.code;
  if (const auto* fact = std::get_if<run_events::compensation_began>(&of)) name += " " + std::string(to_string(fact->cause));
  return name;
}

/// The pause after a failed attempt has a random part: up to half of it.
duration jitter_of(const saga_story& of, timestamp until) {
  duration sum{};
  for (const auto& one : of.events)
    if (const auto* fact = std::get_if<run_events::attempt_failed>(&one.what); fact && one.at < until) sum += fact->retry_at - fact->at;
  return sum;
}

std::string text_of(const tale<run_events::event>& of) {
  std::string text;
  for (const auto& one : of) text += "\n  " + std::to_string((one.at - of.front().at).count() / 1'000'000) + " ms " + name_of(one.what);
  return text;
}

void check_same_course(const saga_story& recorded, const saga_story& replayed) {
  CAPTURE(recorded.id);
  INFO("recorded:" << text_of(recorded.events) << "\nreplayed:" << text_of(replayed.events));
  REQUIRE_EQ(recorded.events.size(), replayed.events.size());
  for (std::size_t i = 0; i < recorded.events.size(); ++i) {
    const auto& was = recorded.events[i];
    const auto& is = replayed.events[i];
    CHECK_EQ(name_of(was.what), name_of(is.what));
    const auto apart = (was.at - recorded.events.front().at) - (is.at - replayed.events.front().at);
    CHECK_LE(std::chrono::abs(apart), tolerance + jitter_of(recorded, was.at));
  }
  CHECK_EQ(to_string(recorded.end.status), to_string(replayed.end.status));
}

/// Records the saga, replays what was recorded, and compares.
recording check_replay(finished_run& production, const std::string& saga) {
  const auto recorded = production.story_of(saga);
  auto made = must(record_saga(production.source(), saga));
  const auto file = write_scenario(made.what, made.head);
  INFO("recorded as:\n" << file);
  CHECK_FALSE(made.unfinished);
  const auto plan = through_a_file(made);
  CHECK(plan == made.what);
  finished_run again(plan);
  CHECK_EQ(again.broken(), "");
  const auto replayed = again.story_of("checkout-" + recorded.order);
  REQUIRE_EQ(recorded.sagas.size(), replayed.sagas.size());
  for (std::size_t i = 0; i < recorded.sagas.size(); ++i) check_same_course(recorded.sagas[i], replayed.sagas[i]);
  CHECK_EQ(to_string(recorded.order_end.status), to_string(replayed.order_end.status));
  CHECK_EQ(recorded.order_end.reason, replayed.order_end.reason);
  CHECK_EQ(to_string(recorded.payment_end.status), to_string(replayed.payment_end.status));
  const auto apart = recorded.length() - replayed.length();
  CHECK_LE(std::chrono::abs(apart), tolerance + jitter_of(recorded.checkout(), recorded.end));
  return made;
}

recording check_replay_of(const std::string& scenario, const std::string& saga) {
  finished_run production(shipped_plan(scenario, 1));
  REQUIRE_EQ(production.broken(), "");
  return check_replay(production, saga);
}

}  // namespace

TEST_CASE("record: a purchase that goes well is replayed to its delivery") {
  const auto made = check_replay_of("happy_path", "checkout-o-1");
  CHECK(made.notes.empty());
  CHECK(made.what.faults.empty());
}

TEST_CASE("record: a declined payment is declined again") { check_replay_of("payment_declined", "checkout-o-1~decline"); }

TEST_CASE("record: a processor that never answers is waited for until the deadline again") {
  check_replay_of("payment_hangs", "checkout-o-1~hang");
}

TEST_CASE("record: goods that are gone between reservation and payment are gone again") {
  check_replay_of("stock_gone_between_reserve_and_pay", "checkout-o-ada~slow");
  check_replay_of("stock_gone_between_reserve_and_pay", "checkout-o-ben");
}

TEST_CASE("record: a deadline that passed while the node was down passes so again") {
  const auto made = check_replay_of("order_timeout", "checkout-o-ada~hang");
  REQUIRE_EQ(made.notes.size(), 1);
  CHECK_MESSAGE(made.notes.front().find("a deadline came late") == 0, made.notes.front());
}

TEST_CASE("record: orders that are cancelled while the processor thinks are cancelled again") {
  std::size_t recorded = 0;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    auto plan = shipped_plan("cancel_while_paying", seed);
    plan.faults.clear();  // crashes leave no events
    finished_run production(plan);
    for (const auto& saga : production.sagas("cancel-order-")) {
      CAPTURE(seed);
      check_replay(production, saga);
      ++recorded;
    }
  }
  CHECK_GE(recorded, 5);
}

TEST_CASE("record: a refund after the delivery, and one by hand, are made again") {
  auto plan = shipped_plan("happy_path", 1);
  auto& steps = plan.clients.front().steps;
  steps.emplace_back(std::in_place_type<wait_step>, 30h);
  steps.push_back(ask_step{.entity = "payment/o-1", .command = "makeRefund",
                           .body = R"({"refundId":"r-1","amount":{"minor":500,"currency":"USD"},"reason":"a scratch"})"});
  steps.emplace_back(std::in_place_type<wait_step>, 3s);
  steps.push_back(ask_step{.entity = "order/o-1", .command = "requestRefund", .body = R"({"reason":"arrived broken"})"});
  steps.push_back(await_step{.entity = "order/o-1", .path = "status", .values = {"refunded"}, .required = true});
  plan.time.chaos = std::chrono::hours{31};
  plan.expectations.clear();
  finished_run production(plan);
  REQUIRE_EQ(production.broken(), "");
  const auto refunds = production.sagas("refund-order-o-1~");
  REQUIRE_EQ(refunds.size(), 1);
  check_replay(production, refunds.front());
  const auto pay_outs = production.sagas("pay-out-");
  REQUIRE_EQ(pay_outs.size(), 1);
  check_replay(production, pay_outs.front());
}

// Many want the same few things, and cancel within milliseconds of what their checkouts do.
TEST_CASE("record: every saga of a busy shop, replayed alone, ends as it did in the crowd") {
  for (const auto& [scenario, seed] : {std::pair("rush_hour", 2), std::pair("flash_sale", 1)}) {
    auto plan = shipped_plan(scenario, static_cast<std::uint64_t>(seed));
    std::erase_if(plan.faults, [](const fault& one) { return std::holds_alternative<crash_fault>(one.what); });
    finished_run production(plan);
    const auto sagas = production.sagas("");
    CHECK_GT(sagas.size(), 10);
    for (const auto& saga : sagas) {
      CAPTURE(scenario);
      const auto made = must(record_saga(production.source(), saga));
      INFO("recorded as:\n" << write_scenario(made.what, made.head));
      const auto again = must(sim::run(through_a_file(made), {.tracing = {.keep = false}, .folder = {}}));
      for (const auto& one : again.violations) FAIL_CHECK(saga << ": " << one.invariant << ": " << one.what);
    }
  }
}

TEST_CASE("record: of a saga that still runs what it has done is expected, and nothing else") {
  adas_order told;
  told.reserve(2100ms);
  told.step_done(3100ms, 0);
  told.attempt_failed(7100ms, 1, "timeout", 200ms);
  const auto made = must(record_saga(told, "checkout-o-1"));
  CHECK(made.unfinished);
  CHECK(made.what.expectations == std::vector<expectation>{{"saga/checkout-o-1", "steps.0.status", {"done", "undone"}}});
  CHECK(made.head.about.find("still running") != std::string::npos);
  finished_run again(through_a_file(made));
  CHECK_EQ(again.broken(), "");
}

TEST_CASE("record: how the saga, the order, the payment and the stock ended is expected") {
  adas_order told;
  told.reserve(2100ms);
  told.complete(2200ms, 2300ms);
  const auto made = must(record_saga(told, "checkout-o-1"));
  CHECK(made.what.expectations == std::vector<expectation>{{"saga/checkout-o-1", "status", {"completed"}},
                                                           {"order/o-1", "status", {"paid"}},
                                                           {"payment/o-1", "status", {"captured"}},
                                                           {"inventory/MUG", "sold", {"1"}},
                                                           {"inventory/MUG", "available", {"4"}}});
  CHECK(made.notes.empty());
}

TEST_CASE("record: prices of another currency are replayed as cents, which is said") {
  adas_order told;
  auto mug = adas_order::mug();
  mug.unit_price.currency = "EUR";
  told.events["cart/ada"].front().payload = cart::contract::encode(cart::event(cart::item_added{mug, 1, morning}));
  const auto made = must(record_saga(told, "checkout-o-1"));
  REQUIRE_EQ(made.notes.size(), 1);
  CHECK(made.notes.front().find("EUR") != std::string::npos);
}
