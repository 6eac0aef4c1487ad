#include "sim/record/operators.hpp"

#include "tests/sim/record/told.hpp"

using namespace bv;
using namespace bv::sim;
using namespace bv::sim::testing;

namespace {

std::string told_of(const operator_record& of) {
  std::string text;
  for (const auto& one : of.faults) {
    const auto& what = std::get<command_fault>(one.what).what;
    if (one.when.at) text += std::to_string(one.when.at->count() / 1'000'000);
    if (const auto& on = one.when.on_event)
      text += on->type + " " + std::to_string(on->nth) + " of " + on->id_prefix + "+" + std::to_string(one.when.then_after.count() / 1'000'000);
    text += ": " + what.entity + " " + what.command + " " + what.body + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("operators: what they told the checkout is told again") {
  adas_order told;
  told.reserve(2100ms);
  told.saga(2200ms, run::signalled{{"approved", "yes", morning}});
  told.saga(3s, run::parked{{}, {}, morning});
  told.saga(63s, run::redriven{morning, run::status::running});
  told.saga(64s, run::parked{{}, {}, morning});
  told.saga(66s, run::discarded{"settled", morning});
  const auto made = record_operators(told.read_saga());
  CHECK_EQ(told_of(made),
           "2200: saga/checkout-o-1 receive {\"name\":\"approved\",\"payload\":\"yes\"}\n"
           "saga.parked 1 of checkout-o-1+60000: saga/checkout-o-1 redrive {}\n"
           "saga.parked 2 of checkout-o-1+2000: saga/checkout-o-1 discard {\"reason\":\"settled\"}\n");
  CHECK(made.notes.empty());
}

TEST_CASE("operators: a cancel of theirs is one, a cancel by another saga is that one's") {
  for (const bool by_saga : {false, true}) {
    adas_order told;
    told.reserve(2100ms);
    if (by_saga) told.saga(3s, run::joined{{"cancel-order-o-1~1", 0, 0, false}});
    told.compensate(3s, run::cause::cancel, "changed", 2);
    CHECK_EQ(told_of(record_operators(told.read_saga())),
             by_saga ? "" : "3000: saga/checkout-o-1 cancel {\"reason\":\"changed\"}\n");
  }
}

TEST_CASE("operators: what was told to a saga whose id holds a time is left out, and said") {
  adas_order told;
  told.placed(1h, order::refund_requested{"", "ada", morning + 1h});
  const auto id = "refund-order-o-1~" + std::to_string((morning + 1h).ns);
  told.tell<run::contract>(id, 1h, run::started{.definition = "refund-order", .at = morning + 1h});
  told.tell<run::contract>(id, 2h, run::parked{{}, {}, morning});
  told.tell<run::contract>(id, 3h, run::redriven{morning, run::status::running});
  const auto made = record_operators(told.read_saga());
  CHECK_EQ(told_of(made), "");
  REQUIRE_EQ(made.notes.size(), 1);
  CHECK(made.notes.front().find("redrive") != std::string::npos);
}
