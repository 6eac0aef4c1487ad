#include "sim/record/people.hpp"

#include "tests/sim/record/told.hpp"

using namespace bv;
using namespace bv::sim;
using namespace bv::sim::testing;

namespace {

std::string milliseconds(duration time) { return std::to_string(time.count() / 1'000'000); }

/// A line a step.
std::string told_of(const client_script& of) {
  std::string text = of.name + " from " + milliseconds(of.start) + "\n";
  for (const auto& one : of.steps) {
    if (const auto* step = std::get_if<ask_step>(&one)) text += step->entity + " " + step->command + " " + step->body + "\n";
    if (const auto* step = std::get_if<await_step>(&one)) text += "see " + step->entity + " " + step->path + " " + step->values.front() + "\n";
    if (const auto* step = std::get_if<wait_step>(&one)) text += "wait " + milliseconds(step->time) + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("people: the customer does all again at the same distances") {
  adas_order told;
  auto& all = told.events["cart/ada"];
  all.pop_back();
  told.in_cart(400ms, cart::quantity_set{{"MUG", "A mug", 3, price}, morning});
  told.in_cart(30h, cart::item_removed{"MUG", morning});
  told.in_cart(31h, cart::item_added{told.mug(), 1, morning});
  told.in_cart(31h + 1ms, cart::checkout_started{"o-1", "ada", {told.mug()}, price, morning});
  const auto people = record_people(told.read_saga());
  REQUIRE_EQ(people.size(), 1);
  CHECK_EQ(told_of(people.front()),
           "ada from 0\n"
           "cart/ada addItem {\"sku\":\"MUG\",\"quantity\":1}\n"
           "wait 396\n"
           "cart/ada setQuantity {\"sku\":\"MUG\",\"quantity\":3}\n"
           "wait 107999596\n"  // more than a day, too
           "cart/ada removeItem {\"sku\":\"MUG\"}\n"
           "wait 3599996\n"
           "cart/ada addItem {\"sku\":\"MUG\",\"quantity\":1}\n"
           "cart/ada checkout {\"orderId\":\"o-1\"}\n");
}

TEST_CASE("people: who could act only after seeing something looks for it, each in a name of their own") {
  adas_order told;
  told.reserve(2100ms);
  told.complete(2200ms, 2300ms);
  told.placed(10s, order::shipped{"1Z", morning});
  told.placed(20s, order::delivered{morning});
  told.paid(25s, payment::refund_made{"r-1", {500, "USD"}, {750, "USD"}, "scratch", morning});
  told.paid(26s, payment::refund_made{"order-returned", {750, "USD"}, {0, "USD"}, "", morning});
  told.placed(30s, order::refund_requested{"broken", "ada", morning + 30s});
  told.placed(40s, order::cancellation_requested{"no", "eve", morning + 40s});
  std::string all;
  for (const auto& one : record_people(told.read_saga())) all += told_of(one);
  CHECK_EQ(all,
           "ada from 0\n"
           "cart/ada addItem {\"sku\":\"MUG\",\"quantity\":1}\n"
           "wait 1996\n"
           "cart/ada checkout {\"orderId\":\"o-1\"}\n"
           "wait 27994\n"
           "see order/o-1 status paid\n"
           "order/o-1 requestRefund {\"reason\":\"broken\"}\n"
           "warehouse from 9997\n"
           "see order/o-1 status paid\n"
           "order/o-1 ship {\"trackingCode\":\"1Z\"}\n"
           "wait 9994\n"
           "see order/o-1 status shipped\n"
           "order/o-1 deliver {}\n"
           "cashier from 24997\n"
           "see payment/o-1 status captured\n"
           "payment/o-1 makeRefund {\"refundId\":\"r-1\",\"amount\":{\"minor\":500,\"currency\":\"USD\"},\"reason\":\"scratch\"}\n"
           "eve from 39997\n"
           "see order/o-1 status pending\n"
           "order/o-1 requestCancellation {\"reason\":\"no\"}\n");
}

TEST_CASE("people: a customer who is called as somebody whom the events don't name keeps the name") {
  adas_order told;
  auto& carts = told.events;
  carts["cart/warehouse"] = carts["cart/ada"];
  auto bought = adas_order::bought();
  bought.customer = "warehouse";
  carts["saga/checkout-o-1"].clear();
  told.saga(2s, run::started{.definition = "checkout", .input = encode(bought), .at = morning + 2s});
  told.placed(10s, order::shipped{"1Z", morning});
  const auto people = record_people(told.read_saga());
  REQUIRE_EQ(people.size(), 2);
  CHECK_EQ(people[0].name, "warehouse");
  CHECK_EQ(people[1].name, "the-warehouse");
}
