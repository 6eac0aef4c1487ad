#include <doctest/doctest.h>

#include <algorithm>

#include "tests/sagas/commerce/shop_world.hpp"

namespace bv::commerce_sagas::testing {
namespace {

using namespace std::chrono_literals;
using sagas::testing::reaction;
using sagas::testing::seen_call;
namespace orders = commerce::order;
namespace payments = commerce::payment;
namespace run = bv::sagas::run;

void check_all_free(shop_world& shop, const std::string& order_id, const std::string& reason) {
  CHECK(shop.shelf("MUG").available == 10);
  CHECK(shop.shelf("MUG").reserved == 0);
  CHECK(shop.shelf("MUG").sold == 0);
  CHECK(shop.cart("ann").checking_out.empty());
  CHECK(shop.cart("ann").lines.size() == 2);  // the goods are still in it
  CHECK(shop.books().held == 0);
  CHECK(shop.books().taken == shop.books().given_back);
  if (!reason.empty()) {
    CHECK(shop.order(order_id).status == orders::status::cancelled);
    CHECK(shop.order(order_id).reason == reason);
  }
}

void ann_buys(shop_world& shop, const std::string& order_id) {
  shop.stock("MUG", 10);
  shop.stock("TEA", 10);
  shop.check_out("ann", order_id, {{"MUG", 2}, {"TEA", 1}});
}

TEST_CASE("checkout: goods and money change hands, and the cart is empty") {
  shop_world shop;
  ann_buys(shop, "O1");
  shop.sagas.run_for(5s);
  CHECK(shop.sagas.status("checkout-O1") == run::status::completed);
  CHECK(shop.order("O1").status == orders::status::paid);
  CHECK(shop.order("O1").total.minor == 37'50);
  CHECK(shop.payment("O1").status == payments::status::captured);
  CHECK(!shop.payment("O1").authorization_code.empty());
  CHECK(shop.shelf("MUG").sold == 2);
  CHECK(shop.shelf("MUG").reserved == 0);
  CHECK(shop.shelf("TEA").sold == 1);
  CHECK(shop.cart("ann").lines.empty());
  CHECK(shop.books().taken == 37'50);
  CHECK(shop.books().held == 0);
  CHECK(shop.notes().empty());
}

TEST_CASE("checkout: two lines cost eleven records of aggregates and three of the saga") {
  shop_world shop;
  ann_buys(shop, "O1");
  const auto before = shop.records();
  shop.sagas.run_for(5s);
  CHECK(shop.records() - before == 11);
  CHECK(shop.sagas.records("checkout-O1") == 3);
}

TEST_CASE("checkout: an item that is out of stock stops it, and everything is as before") {
  shop_world shop;
  shop.stock("MUG", 10);
  shop.stock("TEA", 0);
  shop.check_out("ann", "O1", {{"MUG", 2}, {"TEA", 1}});
  shop.sagas.run_for(5s);
  CHECK(shop.sagas.status("checkout-O1") == run::status::compensated);
  check_all_free(shop, "O1", "out_of_stock");
  CHECK(shop.payment("O1").status == payments::status::voided);
}

TEST_CASE("checkout: a declined payment frees the stock, cancels the order and says so") {
  shop_world shop;
  ann_buys(shop, "O1~decline");
  shop.sagas.run_for(5s);
  CHECK(shop.sagas.status("checkout-O1~decline") == run::status::compensated);
  check_all_free(shop, "O1~decline", "payment_declined");
  CHECK(shop.payment("O1~decline").status == payments::status::declined);
}

TEST_CASE("checkout: a processor that can't be reached for a while delays it only") {
  shop_world shop;
  ann_buys(shop, "O1~fail");
  shop.sagas.run_for(10s);
  CHECK(shop.sagas.status("checkout-O1~fail") == run::status::completed);
  CHECK(shop.sagas.saga("checkout-O1~fail").steps[1].failed_attempts == 2);
  CHECK(shop.books().taken == 37'50);
}

TEST_CASE("checkout: a processor that hangs costs the customer half a minute, and nothing else") {
  shop_world shop;
  ann_buys(shop, "O1~hang");
  shop.sagas.run_for(25s);
  CHECK(shop.sagas.status("checkout-O1~hang") == run::status::running);
  shop.sagas.run_for(15s);
  CHECK(shop.sagas.status("checkout-O1~hang") == run::status::compensated);
  check_all_free(shop, "O1~hang", shop.order("O1~hang").reason);
  CHECK(shop.payment("O1~hang").status == payments::status::voided);
}

TEST_CASE("checkout: a slow processor is waited for") {
  shop_world shop;
  ann_buys(shop, "O1~slow~approve");
  shop.sagas.run_for(2s);
  CHECK(shop.sagas.status("checkout-O1~slow~approve") == run::status::running);
  shop.sagas.run_for(5s);
  CHECK(shop.sagas.status("checkout-O1~slow~approve") == run::status::completed);
}

TEST_CASE("checkout: after the money is taken it goes on, however long an aggregate can't be reached") {
  shop_world shop;
  const auto begun = shop.sagas.now();
  shop.interfere = [&](const seen_call& call) -> std::optional<reaction> {
    if (call.who == "inventory/TEA" && shop.sagas.now() < begun + 100s && shop.books().taken > 0)
      return reaction::fail();
    return std::nullopt;
  };
  ann_buys(shop, "O1");
  shop.sagas.run_for(60s);
  CHECK(shop.sagas.status("checkout-O1") == run::status::running);
  shop.sagas.run_for(200s);
  CHECK(shop.sagas.status("checkout-O1") == run::status::completed);
  CHECK(shop.shelf("TEA").sold == 1);
}

TEST_CASE("checkout: an order that its customer cancels meanwhile comes to nothing") {
  for (const auto pause : {0ms, 1ms, 2ms, 3ms, 4ms, 5ms, 6ms, 8ms, 10ms, 15ms, 20ms, 30ms}) {
    CAPTURE(pause.count());
    shop_world shop;
    ann_buys(shop, "O1");
    shop.sagas.run_for(pause);
    const auto asked =
        shop.tell<orders::contract>("O1", orders::request_cancellation{"changed my mind"}, "ann");
    shop.sagas.run_for(20s);
    if (!asked) {  // not placed yet: there is nothing to cancel
      CHECK(shop.sagas.status("checkout-O1") == run::status::completed);
      continue;
    }
    CHECK(shop.order("O1").status == orders::status::cancelled);
    CHECK(shop.order("O1").request == orders::request::none);
    CHECK(shop.shelf("MUG").available == 10);
    CHECK(shop.shelf("TEA").available == 10);
    CHECK(shop.shelf("TEA").reserved == 0);
    CHECK(shop.books().held == 0);
    CHECK(shop.books().taken == shop.books().given_back);
    CHECK(shop.payment("O1").status != payments::status::captured);
    CHECK(shop.notes().empty());
  }
}

}  // namespace
}  // namespace bv::commerce_sagas::testing
