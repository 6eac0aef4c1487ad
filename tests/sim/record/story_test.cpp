#include "sim/record/story.hpp"

#include "protocols/schema/base/hash.hpp"
#include "tests/sim/record/told.hpp"

using namespace bv;
using namespace bv::sim;
using namespace bv::sim::testing;

TEST_CASE("story: all that had to do with the order belongs to it") {
  adas_order told;
  told.reserve(2100ms);
  told.complete(2200ms, 2300ms);
  told.placed(3h, order::refund_requested{"broken", "ada", morning + 3h});
  const auto refund = "refund-order-o-1~" + std::to_string((morning + 3h).ns);
  told.tell<run::contract>(refund, 3h, run::started{.definition = "refund-order", .input = encode(commerce_sagas::reversal{"o-1", "o-1", {told.mug()}, price, "broken"}), .at = morning + 3h});
  told.tell<run::contract>(refund, 4h, run::completed{"refund-order", morning + 4h});
  told.paid(5h, payment::refund_made{"r-1", {100, "USD"}, {1150, "USD"}, "", morning + 5h});
  const auto pay_out = "pay-out-" + to_hex(hash128(std::string("o-1/r-1")));
  told.tell<run::contract>(pay_out, 5h, run::started{.definition = "pay-out", .input = encode(commerce_sagas::payout{"o-1", "r-1", {100, "USD"}}), .at = morning + 5h});

  for (const auto& saga : {std::string("checkout-o-1"), refund, pay_out}) {
    CAPTURE(saga);
    const auto read = told.read_saga(saga);
    CHECK_EQ(read.saga, saga);
    CHECK_EQ(read.order, "o-1");
    CHECK_EQ(read.customer, "ada");
    CHECK_EQ(read.begin, morning);
    CHECK_EQ(read.end, morning + 5h);
    REQUIRE_EQ(read.sagas.size(), 3);
    CHECK_EQ(read.checkout().id, "checkout-o-1");
    CHECK_EQ(read.sagas[1].id, refund);
    CHECK_EQ(read.sagas[2].id, pay_out);
    CHECK_EQ(read.order_end.status, order::status::paid);
    CHECK_EQ(read.payment_end.status, payment::status::captured);
    CHECK(read.unfinished());  // the pay-out goes on
  }
}

TEST_CASE("story: the basket begins when the cart was last empty, and other checkouts are not in it") {
  adas_order told;
  auto& all = told.events["cart/ada"];
  const auto ours = all;
  all.clear();
  told.in_cart(-9h, cart::item_added{told.mug(), 3, morning - 9h});
  told.in_cart(-8h, cart::cleared{morning - 8h});
  told.in_cart(-7h, cart::item_added{told.mug(), 1, morning - 7h});
  told.in_cart(-6h, cart::checkout_started{"o-0", "ada", {told.mug()}, price, morning - 6h});
  told.in_cart(-5h, cart::checkout_reopened{"o-0", morning - 5h});
  told.in_cart(2s, cart::checkout_started{"o-1", "ada", {told.mug()}, price, morning + 2s});
  told.in_cart(3h, cart::item_added{told.mug(), 1, morning + 3h});
  const auto read = told.read_saga();
  REQUIRE_EQ(read.basket.size(), 2);
  CHECK_EQ(read.begin, morning - 7h);
  CHECK(std::holds_alternative<cart::checkout_started>(read.basket.back().what));
}

TEST_CASE("story: a shelf has what was available when it began") {
  adas_order told(100);
  told.stock(-30min, inventory::reserved{"somebody", 7, morning - 25min});
  told.stock(-20min, inventory::adjusted{-3, "broken", morning - 20min});
  told.reserve(2100ms);
  told.stock(9h, inventory::received{50, {}, morning + 9h});  // long after
  const auto read = told.read_saga();
  REQUIRE_EQ(read.shelves.size(), 1);
  CHECK_EQ(read.shelves.front().available, 90);
  CHECK_EQ(read.shelves.front().price_minor, 1250);
  CHECK_EQ(read.shelves.front().events.size(), 1);
}

TEST_CASE("story: of a long history only the end is read") {
  adas_order told(1'000'000);
  constexpr int others = 50'000;
  for (int i = 0; i < others; ++i)
    told.stock(-1h + std::chrono::milliseconds{i}, inventory::reserved{"r-" + std::to_string(i), 2, morning});
  told.reserve(2100ms);
  const std::int64_t available = 1'000'000 - 2 * others;
  inventory::state known;
  SUBCASE("a state from before the story") {
    known.available = available + 20;
    told.states["inventory/MUG"] = {others + 1 - 10, inventory::contract::encode(known)};
  }
  SUBCASE("a state from after it") {
    known.available = available - 1;
    told.states["inventory/MUG"] = {others + 2, inventory::contract::encode(known)};
  }
  const auto read = told.read_saga();
  CHECK_EQ(read.shelves.front().available, available);
  CHECK_EQ(read.shelves.front().events.size(), 1);
  CHECK_LT(told.read, 3000);
}

TEST_CASE("story: a saga that is not there is said with the one that was meant") {
  adas_order told;
  told.known_sagas = {"checkout-o-1", "checkout-zzzzz"};
  for (const auto* asked : {"o-1", "checkout-o-2"}) {
    const auto read = read_story(told, asked);
    REQUIRE_FALSE(read);
    CHECK_EQ(read.error().code, "saga_unknown");
    CHECK_MESSAGE(read.error().message.find("did you mean \"checkout-o-1\"?") != std::string::npos, read.error().message);
  }
  const auto nothing = read_story(told, "something-else-altogether");
  REQUIRE_FALSE(nothing);
  CHECK(nothing.error().message.find("did you mean") == std::string::npos);
  CHECK_FALSE(read_story(told, "no id at all"));
}

TEST_CASE("story: a saga that the shop does not have, or that no cart began, can't be recorded") {
  adas_order told;
  told.tell<run::contract>("other-1", 0s, run::started{.definition = "other", .at = morning});
  const auto other = read_story(told, "other-1");
  REQUIRE_FALSE(other);
  CHECK_EQ(other.error().code, "saga_not_recordable");
  told.events.erase("cart/ada");
  const auto without = read_story(told, "checkout-o-1");
  REQUIRE_FALSE(without);
  CHECK_EQ(without.error().code, "saga_not_recordable");
}

TEST_CASE("story: what can't be read is said with its place") {
  adas_order told;
  told.events["saga/checkout-o-1"].push_back({2, morning, "nonsense"});
  const auto read = read_story(told, "checkout-o-1");
  REQUIRE_FALSE(read);
  CHECK_EQ(read.error().code, "record_unreadable");
  CHECK_EQ(read.error().context, "default/saga/checkout-o-1");
}
