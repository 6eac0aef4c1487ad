// covers: sagas/commerce/mock_processor.cpp
// covers: sagas/commerce/reactions.cpp
// covers: sagas/engine/reaction.cpp
#include <doctest/doctest.h>

#include "protocols/schema/commerce/product.hpp"
#include "tests/sagas/commerce/shop_world.hpp"

namespace bv::commerce_sagas::testing {
namespace {

using namespace std::chrono_literals;
using sagas::testing::reaction;
using sagas::testing::seen_call;
namespace orders = commerce::order;
namespace payments = commerce::payment;
namespace run = bv::sagas::run;

/// Ann has bought two mugs for 25 USD.
void ann_bought(shop_world& shop) {
  shop.stock("MUG", 10);
  shop.check_out("ann", "O1", {{"MUG", 2}});
  shop.sagas.run_for(5s);
  REQUIRE(shop.order("O1").status == orders::status::paid);
}

TEST_CASE("cancel: a paid order that has not left gives goods and money back") {
  shop_world shop;
  ann_bought(shop);
  REQUIRE(shop.tell<orders::contract>("O1", orders::request_cancellation{"too dear"}, "ann"));
  shop.sagas.run_for(5s);
  CHECK(shop.order("O1").status == orders::status::cancelled);
  CHECK(shop.order("O1").reason == "too dear");
  CHECK(shop.shelf("MUG").available == 10);
  CHECK(shop.shelf("MUG").sold == 0);
  CHECK(shop.payment("O1").status == payments::status::refunded);
  CHECK(shop.books().given_back == 25'00);
}

TEST_CASE("cancel: a checkout that came to nothing brings nothing to the shelf but what it held") {
  shop_world shop;
  ann_bought(shop);
  shop.check_out("bob", "O2~hang", {{"MUG", 2}});
  shop.sagas.run_for(1s);
  REQUIRE(shop.tell<orders::contract>("O2~hang", orders::request_cancellation{"too slow"}, "bob"));
  shop.sagas.run_for(1min);
  CHECK(shop.order("O2~hang").status == orders::status::cancelled);
  CHECK(shop.shelf("MUG").available == 8);
  CHECK(shop.shelf("MUG").reserved == 0);
  CHECK(shop.shelf("MUG").sold == 2);
}

TEST_CASE("refund: what has arrived goes back for the whole price") {
  shop_world shop;
  ann_bought(shop);
  REQUIRE(shop.tell<orders::contract>("O1", orders::ship{}));
  REQUIRE(shop.tell<orders::contract>("O1", orders::deliver{}));
  REQUIRE(shop.tell<orders::contract>("O1", orders::request_refund{}, "ann"));
  shop.sagas.run_for(5s);
  CHECK(shop.order("O1").status == orders::status::refunded);
  CHECK(shop.order("O1").reason == "returned");
  CHECK(shop.shelf("MUG").available == 10);
  CHECK(shop.payment("O1").status == payments::status::refunded);
  CHECK(shop.books().taken == 25'00);
  CHECK(shop.books().given_back == 25'00);
}

TEST_CASE("refund: a processor that is down for minutes pays in the end, once") {
  shop_world shop;
  ann_bought(shop);
  // The breaker and the retries stand between; the aggregates are slow to be reached as well.
  int failures = 0;
  shop.interfere = [&](const seen_call&) -> std::optional<reaction> {
    if (++failures > 12) return std::nullopt;
    return reaction::fail();
  };
  REQUIRE(shop.tell<orders::contract>("O1", orders::request_refund{"broken"}, "ann"));
  shop.sagas.run_for(10min);
  CHECK(shop.order("O1").status == orders::status::refunded);
  CHECK(shop.books().given_back == 25'00);
  CHECK(shop.shelf("MUG").available == 10);
}

TEST_CASE("refund: one that was made by hand on a payment is paid out") {
  shop_world shop;
  ann_bought(shop);
  REQUIRE(shop.tell<payments::contract>("O1", payments::make_refund{"R1", common::money{5'00, "USD"}, {}}));
  REQUIRE(shop.tell<payments::contract>("O1", payments::make_refund{"R2", common::money{1'00, "USD"}, {}}));
  shop.sagas.run_for(5s);
  CHECK(shop.books().given_back == 6'00);
  REQUIRE(shop.tell<orders::contract>("O1", orders::request_refund{"broken"}, "ann"));
  shop.sagas.run_for(5s);
  CHECK(shop.order("O1").status == orders::status::refunded);
  CHECK(shop.books().given_back == 25'00);
  CHECK(shop.payment("O1").refunded->minor == 25'00);
}

TEST_CASE("reactions: a new product gets its stock, a removed one loses its place on the shelf") {
  namespace products = commerce::product;
  shop_world shop;
  REQUIRE(shop.tell<products::contract>(
      "P1", products::create{"CUP", "A cup", "Holds tea.", "kitchen", {9'00, "USD"}, 7}));
  shop.sagas.run_for(1s);
  CHECK(shop.shelf("CUP").available == 7);
  CHECK(shop.shelf("CUP").product_id == "P1");
  REQUIRE(shop.tell<products::contract>("P1", products::remove{}));
  shop.sagas.run_for(1s);
  CHECK(shop.shelf("CUP").product_id.empty());
}

TEST_CASE("processor: an authorization that comes after its reversal holds nothing") {
  sagas::testing::saga_world world({checkout()});
  mock_processor processor({.approve_percent = 100}, world);
  const auto ask = [&](processor::operation what) {
    result<bytes> said;
    processor.call({encode(processor::instruction{what, "P1", "O1", {10'00, "USD"}, {}}), "key", "", {}},
                   [&](result<bytes> answer) { said = std::move(answer); });
    return said;
  };
  REQUIRE(ask(processor::operation::reverse).has_value());
  const auto late = ask(processor::operation::authorize);
  REQUIRE_FALSE(late.has_value());
  CHECK(late.error().kind == error_kind::conflict);
  CHECK(processor.totals().held == 0);
}

TEST_CASE("processor: the same request again changes nothing") {
  sagas::testing::saga_world world({checkout()});
  mock_processor processor({.approve_percent = 100}, world);
  int good = 0;
  const auto ask = [&](processor::operation what, std::int64_t minor, const std::string& reference = {}) {
    const processor::instruction asked{what, "P1", "O1", {minor, "USD"}, reference};
    processor.call({encode(asked), "key", "", {}}, [&](result<bytes> answer) { good += answer ? 1 : 0; });
  };
  for (int i = 0; i < 2; ++i) ask(processor::operation::authorize, 10'00);
  CHECK(processor.totals().held == 10'00);
  for (int i = 0; i < 2; ++i) ask(processor::operation::capture, 10'00);
  CHECK(processor.totals().taken == 10'00);
  CHECK(processor.totals().held == 0);
  for (int i = 0; i < 2; ++i) ask(processor::operation::refund, 3'00, "R1");
  CHECK(processor.totals().given_back == 3'00);
  for (int i = 0; i < 2; ++i) ask(processor::operation::reverse, 10'00);
  CHECK(processor.totals().given_back == 10'00);
  CHECK(good == 8);
  processor.call({"rubbish", "key", "", {}}, [&](result<bytes> answer) { CHECK(!answer); });
}

}  // namespace
}  // namespace bv::commerce_sagas::testing
