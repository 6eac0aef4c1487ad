#include "actors/commerce/payment_processor.hpp"

#include <doctest/doctest.h>

using namespace bv;
using namespace bv::commerce;

namespace {

const money price{25'00, "USD"};

processor_behaviour behaviour_of(std::string_view order_id, const processor_options& options = {},
                                 std::uint32_t attempt = 1, std::int64_t cents = 25'00) {
  return decide_authorization(order_id, {cents, "USD"}, attempt, options).behaviour;
}

int count(processor_behaviour wanted, const processor_options& options) {
  int found = 0;
  for (int i = 0; i < 10'000; ++i)
    found += behaviour_of("order-" + std::to_string(i), options) == wanted ? 1 : 0;
  return found;
}

}  // namespace

TEST_CASE("processor: nine of ten orders are approved") {
  CHECK(count(processor_behaviour::approve, {}) == doctest::Approx(9'000).epsilon(0.02));
  CHECK(count(processor_behaviour::decline, {}) == doctest::Approx(1'000).epsilon(0.1));
}

TEST_CASE("processor: the order's id and the seed decide, not the attempt or the amount") {
  for (int i = 0; i < 100; ++i) {
    const auto id = "order-" + std::to_string(i);
    CHECK(behaviour_of(id) == behaviour_of(id, {}, 3, 1));
  }
  processor_options other;
  other.seed = 1;
  int differ = 0;
  for (int i = 0; i < 1'000; ++i) {
    const auto id = "order-" + std::to_string(i);
    differ += behaviour_of(id) != behaviour_of(id, other) ? 1 : 0;
  }
  CHECK(differ > 50);
}

TEST_CASE("processor: an approval has the same code every time, another order another") {
  const auto first = decide_authorization("a~approve", price, 1, {});
  CHECK(first.authorization_code == decide_authorization("a~approve", price, 2, {}).authorization_code);
  CHECK(first.authorization_code != decide_authorization("b~approve", price, 1, {}).authorization_code);
  CHECK(decide_authorization("a~decline", price, 1, {}).authorization_code.empty());
  CHECK(decide_authorization("a~decline", price, 1, {}).reason == "payment_declined");
}

TEST_CASE("processor: it can be told to fail, hang and be slow for a share of the orders") {
  processor_options options;
  options.hang_percent = 20;
  options.fail_percent = 25;
  options.slow_percent = 100;
  CHECK(count(processor_behaviour::hang, options) == doctest::Approx(2'000).epsilon(0.1));
  CHECK(count(processor_behaviour::fail, options) == doctest::Approx(2'000).epsilon(0.1));
  CHECK(decide_authorization("order-1", price, 1, options).after == options.slow_answer_after);
  CHECK(decide_authorization("order-1", price, 1, {}).after == duration::zero());
}

TEST_CASE("processor: a fault passes after some attempts, and the order is approved") {
  CHECK(behaviour_of("order~fail", {}, 1) == processor_behaviour::fail);
  CHECK(behaviour_of("order~fail", {}, 2) == processor_behaviour::fail);
  CHECK(behaviour_of("order~fail", {}, 3) == processor_behaviour::approve);
}

TEST_CASE("processor: a mark in the order's id decides") {
  processor_options nobody;
  nobody.approve_percent = 0;
  CHECK(behaviour_of("x~approve", nobody) == processor_behaviour::approve);
  CHECK(behaviour_of("x~decline") == processor_behaviour::decline);
  CHECK(behaviour_of("x~hang") == processor_behaviour::hang);
  const auto slow = decide_authorization("x~approve~slow", price, 1, {});
  CHECK(slow.behaviour == processor_behaviour::approve);
  CHECK(slow.after == std::chrono::seconds{3});
}

TEST_CASE("processor: the cents decide only if it is told so") {
  processor_options options;
  options.cents_decide = true;
  CHECK(behaviour_of("order-1", options, 1, 10'91) == processor_behaviour::decline);
  CHECK(behaviour_of("order-1", options, 1, 10'93) == processor_behaviour::fail);
  CHECK(behaviour_of("order-1", options, 1, 10'94) == processor_behaviour::hang);
  CHECK(behaviour_of("order-1", options, 1, 10'95) == processor_behaviour::approve);
  CHECK(decide_authorization("order-1", {10'92, "USD"}, 1, options).after == options.slow_answer_after);
  CHECK(behaviour_of("order-1", {}, 1, 10'94) == behaviour_of("order-1"));
}

TEST_CASE("processor: each behaviour has a name") {
  CHECK(to_string(processor_behaviour::approve) == "approve");
  CHECK(to_string(processor_behaviour::decline) == "decline");
  CHECK(to_string(processor_behaviour::fail) == "fail");
  CHECK(to_string(processor_behaviour::hang) == "hang");
}
