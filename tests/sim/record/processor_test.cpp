#include "sim/record/processor.hpp"

#include "tests/sim/record/told.hpp"

using namespace bv;
using namespace bv::sim;
using namespace bv::sim::testing;
using commerce::processor_behaviour;

namespace {

/// "when: behaviour after delay", a line a fault.
std::string told_of(const processor_story& of) {
  std::string text;
  for (const auto& one : of.faults) {
    const auto& how = std::get<processor_fault>(one.what);
    REQUIRE(one.when.on_event);
    const auto& on = *one.when.on_event;
    text += on.type + (on.field == "failedAttempts" ? "(" + on.value + ")" : "") + (on.nth > 1 ? " " + std::to_string(on.nth) : "") + ": " + std::string(to_string(how.behaviour)) + " " +
            std::to_string(how.answer_after.min.count() / 1'000'000) + (how.lasts == duration{} ? ", usual" : "") + "\n";
    CHECK(how.answer_after.min == how.answer_after.max);
  }
  return text;
}

}  // namespace

TEST_CASE("processor: prompt approvals need nothing") {
  adas_order told;
  told.reserve(2100ms);
  told.complete(2110ms, 2115ms);
  const auto made = record_processor(told.read_saga());
  CHECK_EQ(told_of(made), "");
  CHECK(made.notes.empty());
}

TEST_CASE("processor: a slow approval is slow, and what follows is not") {
  adas_order told;
  told.reserve(2100ms);
  told.complete(5104ms, 5110ms);
  CHECK_EQ(told_of(record_processor(told.read_saga())),
           "cart.checkoutStarted: approve 3000\n"
           "payment.authorized: approve 0, usual\n");
}

TEST_CASE("processor: each attempt meets what it met") {
  adas_order told;
  told.reserve(2100ms);
  told.attempt_failed(2105ms, 1, "unavailable", 200ms);
  told.attempt_failed(2309ms, 1, "unavailable", 400ms);
  told.attempt_failed(7709ms, 1, "timeout", 500ms);
  told.complete(8260ms, 9264ms);
  CHECK_EQ(told_of(record_processor(told.read_saga())),
           "cart.checkoutStarted: fail 0\n"
           "saga.attemptFailed(2): hang 0\n"
           "saga.attemptFailed(3): approve 47\n"
           "payment.authorized: approve 1000\n");
}

TEST_CASE("processor: a decline is one, and giving back is as usual") {
  adas_order told;
  told.reserve(2100ms);
  told.step_done(2604ms, 0);
  told.compensate(2604ms, run::cause::failure, "payment_declined", 1);
  told.compensated(2610ms, 1);
  CHECK_EQ(told_of(record_processor(told.read_saga())),
           "cart.checkoutStarted: decline 500\n"
           "saga.compensationBegan: approve 0, usual\n");
}

TEST_CASE("processor: silence until the deadline is silence") {
  adas_order told;
  told.reserve(2100ms);
  told.attempt_failed(7100ms, 1, "timeout", 200ms);
  told.attempt_failed(28s, 1, "timeout", 2s);
  told.compensate(32s, run::cause::deadline, "saga_deadline", 2, "timeout");
  told.compensated(35s, 2);
  CHECK_EQ(told_of(record_processor(told.read_saga())),
           "cart.checkoutStarted: hang 0\n"
           "saga.compensationBegan: approve 0, usual\n");
}

TEST_CASE("processor: silence while it is undone is told from silence before, however often that was") {
  adas_order told;
  told.reserve(2100ms);
  told.attempt_failed(7100ms, 1, "timeout", 200ms);
  told.compensate(32s, run::cause::deadline, "saga_deadline", 1, "timeout");
  told.saga(37s, run::attempt_failed{.step = 1, .failed_attempts = 1, .fault = {"timeout", "", "", ""}, .retry_at = morning + 38s});
  told.compensated(38s, 1);
  CHECK_EQ(told_of(record_processor(told.read_saga())),
           "cart.checkoutStarted: hang 0\n"
           "saga.attemptFailed(1) 2: approve 0, usual\n");
}

TEST_CASE("processor: an answer that a cancelled checkout still waits for came when the undoing went on") {
  adas_order told;
  told.reserve(2100ms);
  told.compensate(3s, run::cause::cancel, "cancelled", 2);
  told.compensated(4104ms, 2);
  CHECK_EQ(told_of(record_processor(told.read_saga())),
           "cart.checkoutStarted: approve 2000\n"
           "saga.compensationBegan: approve 0, usual\n");
}

TEST_CASE("processor: what was not asked before goods ran out is not made up") {
  adas_order told;
  told.compensate(2100ms, run::cause::failure, "out_of_stock", 0);
  told.compensated(2110ms, 0);
  CHECK_EQ(told_of(record_processor(told.read_saga())), "");
}

TEST_CASE("processor: a refund that could not be made at first could not") {
  adas_order told;
  told.reserve(2100ms);
  told.complete(2110ms, 2115ms);
  told.placed(1h, order::refund_requested{"", "ada", morning + 1h});
  const auto id = "refund-order-o-1~" + std::to_string((morning + 1h).ns);
  const auto tell = [&](duration at, auto event) { told.tell<run::contract>(id, at, std::move(event)); };
  tell(1h, run::started{.definition = "refund-order", .at = morning + 1h});
  tell(1h + 1s, run::step_done{.step = 0, .at = morning + 1h + 1s});
  tell(1h + 6s, run::attempt_failed{.step = 1, .failed_attempts = 1, .fault = {"timeout", "service_timeout", "", ""}, .retry_at = morning + 1h + 7s, .at = morning + 1h + 6s});
  tell(1h + 7s, run::step_done{.step = 1, .at = morning + 1h + 7s});
  const auto made = record_processor(told.read_saga());
  CHECK_EQ(told_of(made), "saga.stepDone: hang 0\nsaga.attemptFailed(1): approve 0, usual\n");
  // The time in its id is another in a replay.
  CHECK_EQ(made.faults.front().when.on_event->id_prefix, "refund-order-o-1~");
}

TEST_CASE("processor: what can't be replayed is said") {
  adas_order told;
  told.reserve(2100ms);
  for (std::uint16_t step = 0; step < 3; ++step) told.step_done(2110ms, step);
  told.saga(2115ms, run::parked{{"conflict", "capture_refused", "", "capture payment"}, {}, morning});
  const auto refused = record_processor(told.read_saga());
  REQUIRE_EQ(refused.notes.size(), 1);
  CHECK(refused.notes.front().find("capture_refused") != std::string::npos);

  adas_order silent;
  silent.reserve(2100ms);
  silent.compensate(3s, run::cause::cancel, "cancelled", 2);
  const auto unknown = record_processor(silent.read_saga());
  REQUIRE_EQ(unknown.notes.size(), 1);
  CHECK(unknown.notes.front().find("is not known") != std::string::npos);
}
