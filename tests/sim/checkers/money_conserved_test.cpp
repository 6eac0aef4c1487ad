#include <doctest/doctest.h>

#include "tests/sim/checkers/history.hpp"

namespace bv::sim::testing {
namespace {

history one_sale() {
  history h;
  stock(h);
  sell(h, "O1");
  return h;
}

payment::event refund(const std::string& id, std::int64_t minor, std::int64_t left) {
  return payment::refund_made{id, usd(minor), usd(left), "", {}};
}

std::vector<violation> judge_money(const history& h) { return h.judge_by("money_conserved"); }

TEST_CASE("money: what was taken is what was captured, less what went back") {
  auto h = one_sale();
  CHECK_MESSAGE(judge_money(h).empty(), text_of(judge_money(h)));
  h.log<payment::contract>("O1", {refund("R1", 500, 2000)});
  h.seen.processor.given_back = 500;
  CHECK_MESSAGE(judge_money(h).empty(), text_of(judge_money(h)));
}

TEST_CASE("money: a cent that only one of the books knows is missed") {
  auto more = one_sale();
  more.seen.processor.taken += 1;
  CHECK(says(judge_money(more), "taken 2501 and given back 0, the shops have captured less refunds 2500"));
  auto less = one_sale();
  less.seen.processor.given_back = 1;
  CHECK(judge_money(less).size() == 1);
}

TEST_CASE("money: no money is held for an order that is over") {
  auto h = one_sale();
  h.seen.processor.held = 2500;
  CHECK(says(judge_money(h), "holds 2500 for orders that are over"));
  h.seen.processor.held = -1;
  CHECK(judge_money(h).size() == 1);
}

TEST_CASE("money: what a saga that never ended was about may be anywhere") {
  history h;
  stock(h);
  start_checkout(h, "O1");
  confirm(h, "O1");
  SUBCASE("held") { h.seen.processor.held = 2500; }
  SUBCASE("taken") { h.seen.processor.taken = 2500; }
  CHECK_MESSAGE(judge_money(h).empty(), text_of(judge_money(h)));
  h.seen.processor.taken = 2501;
  CHECK(says(judge_money(h), "sagas that have not ended explain 2500"));
}

TEST_CASE("money: of what was undone nothing is kept") {
  history h;
  stock(h);
  undo(h, "O1");
  CHECK(judge_money(h).empty());
  h.seen.processor.taken = 2500;
  CHECK(judge_money(h).size() == 1);
}

TEST_CASE("money: an order is paid once") {
  auto twice = one_sale();
  twice.log<order::contract>("O1", {order::paid{}});
  CHECK(says(judge_money(twice), "n1 order/O1 at version 4: the order is paid twice"));
  auto captured = one_sale();
  captured.log<payment::contract>("O1", {payment::captured{usd(2500), {}}});
  CHECK(says(judge_money(captured), "captured twice"));
  auto by_another = one_sale();
  by_another.log<payment::contract>("X", {payment::requested{"X", "O1", "ada", usd(2500), {}}, payment::captured{usd(2500), {}}});
  CHECK(says(judge_money(by_another), "order O1 was paid by payment O1 already"));
}

TEST_CASE("money: what is captured is what was asked for, and what the order is worth") {
  history h;
  h.log<payment::contract>("P", {payment::requested{"P", "none", "ada", usd(100), {}}, payment::captured{usd(101), {}}});
  CHECK(says(judge_money(h), "101 USD are captured, asked for were 100 USD"));
  history other;
  other.log<order::contract>("O1", {order::placed{"O1", "ada", {mugs()}, usd(2500), "O1", {}}});
  other.log<payment::contract>("O1", {payment::requested{"O1", "O1", "ada", usd(100), {}}, payment::captured{usd(100), {}}});
  CHECK(says(judge_money(other), "which is worth 2500 USD"));
}

TEST_CASE("money: no more goes back than was captured") {
  auto h = one_sale();
  h.log<payment::contract>("O1", {refund("R1", 2000, 500)});
  h.log<payment::contract>("O1", {refund("R2", 501, -1)});
  CHECK(says(judge_money(h), "refunds of 2501 are more than the 2500 that were captured"));
  auto wrong = one_sale();
  wrong.log<payment::contract>("O1", {refund("R1", 2000, 400)});
  CHECK(says(judge_money(wrong), "400 USD are left, there are 500"));
  auto order_more = one_sale();
  order_more.log<order::contract>("O1", {order::refunded{usd(2501), "", {}}});
  CHECK(says(judge_money(order_more), "it was worth 2500 USD"));
}

TEST_CASE("money: totals are the sums of their lines") {
  history h;
  h.log<order::contract>("O1", {order::placed{"O1", "ada", {mugs(3)}, usd(2500), "O1", {}}});
  CHECK(says(judge_money(h), "the lines are worth 3750 USD, the total says 2500 USD"));
  history c;
  c.log<cart::contract>("ada", {cart::checkout_started{"O1", "ada", {mugs()}, {2500, "EUR"}, {}}});
  c.log<cart::contract>("ada", {cart::checkout_started{"O1", "ada", {mugs()}, usd(2499), {}}});
  CHECK(says(judge_money(c), "total says 2499 USD"));
}

}  // namespace
}  // namespace bv::sim::testing
