// covers: sim/checkers/saga_world.cpp, sim/checkers/shop_book.cpp
#include <doctest/doctest.h>

#include "tests/sim/checkers/history.hpp"

namespace bv::sim::testing {
namespace {

std::vector<violation> judge_sagas(const history& h) { return h.judge_by("sagas_end"); }

/// A sale from which the event at a place of an entity's record is taken away.
history sale_without(std::string_view type, std::size_t nth) {
  history h;
  stock(h);
  sell(h, "O1");
  std::size_t seen = 0;
  for (auto& record : h.seen.records)
    if (record.entity.type() == type && seen++ == nth) record.events.clear();
  return h;
}

TEST_CASE("sagas end: a sale and an undone sale are what their sagas say") {
  history h;
  stock(h);
  sell(h, "O1");
  undo(h, "O2");
  CHECK_MESSAGE(judge_sagas(h).empty(), text_of(judge_sagas(h)));
}

TEST_CASE("sagas end: a saga that is still on its way is reported") {
  history h;
  stock(h);
  start_checkout(h, "O1");
  CHECK(says(judge_sagas(h), "n1 saga/checkout-O1 is running at step 'reserve stock'"));
}

TEST_CASE("sagas end: each part of a completed sale is missed") {
  CHECK(says(sale_without("payment", 2).judge_by("sagas_end"), "payment/O1 was captured 0 times"));
  CHECK(says(sale_without("order", 2).judge_by("sagas_end"), "order/O1 is confirmed"));
  CHECK(says(sale_without("inventory", 2).judge_by("sagas_end"), "inventory/MUG sold 0 of the 2 units"));
  CHECK(says(sale_without("cart", 2).judge_by("sagas_end"), "cart/ada is still locked by it"));
}

TEST_CASE("sagas end: what an undone sale leaves behind is found") {
  history h;
  stock(h);
  start_checkout(h, "O1");
  h.log<run::contract>("checkout-O1", {run::compensation_began{run::cause::deadline, {}, 0, {}, h.now()},
                                       run::step_undone{0, h.now()}, run::compensated{run::cause::deadline, h.now()}});
  CHECK(says(judge_sagas(h), "order/O1 is pending"));
  CHECK(says(judge_sagas(h), "payment/O1 is requested"));
  CHECK(says(judge_sagas(h), "inventory/MUG still holds units"));
  CHECK(says(judge_sagas(h), "cart/ada is still locked"));
  h.log<inventory::contract>("MUG", {inventory::committed{"O1", 2, h.now()}});
  CHECK(says(judge_sagas(h), "inventory/MUG has sold units to it"));
}

TEST_CASE("sagas end: a checkout without a saga is missed") {
  CHECK(says(sale_without("saga", 0).judge_by("sagas_end"), "cart/ada checked out as O1, and there is no saga of it"));
  history h;
  stock(h);
  sell(h, "O1");
  h.log<cart::contract>("bob", {cart::checkout_started{"O1", "bob", {mugs()}, usd(2500), h.now()}});
  CHECK(says(judge_sagas(h), "cart/bob checked out as O1, which is the saga of cart/ada"));
}

TEST_CASE("sagas end: nothing is done twice") {
  history h;
  stock(h, 100);
  sell(h, "O1");
  SUBCASE("reserving") {
    h.log<inventory::contract>("MUG", {inventory::reserved{"O1", 2, h.now()}});
    CHECK(says(judge_sagas(h), "inventory/MUG was reserved for order O1 2 times"));
  }
  SUBCASE("selling") {
    h.log<inventory::contract>("MUG", {inventory::committed{"O1", 2, h.now()}});
    CHECK(says(judge_sagas(h), "sold to order O1 2 times"));
    CHECK(says(judge_sagas(h), "sold 4 of the 2 units"));
  }
  SUBCASE("paying") {
    h.log<order::contract>("O1", {order::paid{h.now()}});
    CHECK(says(judge_sagas(h), "order/O1 was paid 2 times"));
  }
  SUBCASE("a step") {
    h.log<run::contract>("checkout-O1", {run::step_done{4, {}, {}, h.now()}});
    CHECK(says(judge_sagas(h), "does step 'fulfil' twice"));
  }
  SUBCASE("its end") {
    h.log<run::contract>("checkout-O1", {run::completed{"checkout", h.now()}});
    CHECK(says(judge_sagas(h), "completes while it is completed"));
  }
}

// --- Orders that are taken back ------------------------------------------------------------------------------------------

void start_reversal(history& h, const std::string& definition) {
  const auto id = definition + "-O1~" + std::to_string(h.now().ns);
  if (definition == "cancel-order")
    h.log<order::contract>("O1", {order::cancellation_requested{"", "ada", h.now()}});
  else
    h.log<order::contract>("O1", {order::refund_requested{"", "ada", h.now()}});
  const auto input = encode(commerce_sagas::reversal{"O1", "O1", {mugs()}, usd(2500), ""});
  h.log<run::contract>(id, {run::started{.definition = definition, .version = 1, .input = input, .steps = {"a", "b", "c"}, .at = h.now()}});
}

std::string reversal_id(const history& h) {
  for (const auto& record : h.seen.records)
    if (record.entity.type() == "saga" && !record.entity.id().starts_with("checkout")) return std::string(record.entity.id());
  return {};
}

void finish_reversal(history& h) {
  h.log<run::contract>(reversal_id(h), {run::step_done{0, {}, {}, h.now()}, run::step_done{1, {}, {}, h.now()},
                                        run::step_done{2, {}, {}, h.now()}, run::completed{"", h.now()}});
}

TEST_CASE("sagas end: an order that was cancelled after the sale has all come back") {
  history h;
  stock(h);
  sell(h, "O1");
  start_reversal(h, "cancel-order");
  h.log<payment::contract>("O1", {payment::refund_made{"order-cancelled", usd(2500), usd(0), "", h.now()}});
  h.log<order::contract>("O1", {order::cancelled{"", h.now()}});
  SUBCASE("when it has") {
    h.log<inventory::contract>("MUG", {inventory::restocked{"O1", 2, h.now()}});
    finish_reversal(h);
    CHECK_MESSAGE(judge_sagas(h).empty(), text_of(judge_sagas(h)));
  }
  SUBCASE("not when the goods have not") {
    finish_reversal(h);
    CHECK(says(judge_sagas(h), "and 0 units of inventory/MUG came back, not 2"));
  }
  SUBCASE("not when they have come back twice") {
    for (int i = 0; i < 2; ++i) h.log<inventory::contract>("MUG", {inventory::restocked{"O1", 2, h.now()}});
    finish_reversal(h);
    CHECK(says(judge_sagas(h), "restocked from order O1 2 times"));
  }
}

TEST_CASE("sagas end: an order whose sale was undone brings nothing back") {
  history h;
  stock(h);
  start_checkout(h, "O1");
  start_reversal(h, "cancel-order");
  h.log<run::contract>("checkout-O1", {run::compensation_began{run::cause::cancel, {}, 0, {}, h.now()},
                                       run::step_undone{0, h.now()}, run::compensated{run::cause::cancel, h.now()}});
  h.log<payment::contract>("O1", {payment::voided{"O1", "", h.now()}});
  h.log<order::contract>("O1", {order::cancelled{"", h.now()}});
  h.log<inventory::contract>("MUG", {inventory::released{"O1", 2, h.now()}});
  h.log<cart::contract>("ada", {cart::checkout_reopened{"O1", h.now()}});
  auto restocked = h;
  finish_reversal(h);
  CHECK_MESSAGE(judge_sagas(h).empty(), text_of(judge_sagas(h)));
  restocked.log<inventory::contract>("MUG", {inventory::restocked{"O1", 2, h.now()}});
  finish_reversal(restocked);
  CHECK(says(judge_sagas(restocked), "2 units of inventory/MUG came back, not 0"));
}

TEST_CASE("sagas end: a refund that completed has refunded") {
  history h;
  stock(h);
  sell(h, "O1");
  start_reversal(h, "refund-order");
  h.log<inventory::contract>("MUG", {inventory::restocked{"O1", 2, h.now()}});
  finish_reversal(h);
  CHECK(says(judge_sagas(h), "order/O1 is paid"));
  CHECK(says(judge_sagas(h), "payment/O1 is captured"));
  h.log<payment::contract>("O1", {payment::refund_made{"order-returned", usd(2500), usd(0), "", h.now()}});
  h.log<order::contract>("O1", {order::refunded{usd(2500), "", h.now()}});
  CHECK_MESSAGE(judge_sagas(h).empty(), text_of(judge_sagas(h)));
}

TEST_CASE("sagas end: an order that was never asked to be taken back is not cancelled once it is sold") {
  history h;
  stock(h);
  sell(h, "O1");
  h.log<order::contract>("O1", {order::cancelled{"", h.now()}});
  CHECK(says(judge_sagas(h), "saga/checkout-O1 is completed, and order/O1 is cancelled"));
}

TEST_CASE("sagas end: a wish that was given up is answered") {
  history h;
  stock(h);
  sell(h, "O1");
  start_reversal(h, "cancel-order");
  h.log<run::contract>(reversal_id(h), {run::compensation_began{run::cause::cancel, {}, 0, {}, h.now()},
                                        run::step_undone{0, h.now()}, run::compensated{run::cause::cancel, h.now()}});
  CHECK(says(judge_sagas(h), "order/O1 still waits for it"));
  h.log<order::contract>("O1", {order::request_declined{order::request::cancellation, "", h.now()}});
  CHECK_MESSAGE(judge_sagas(h).empty(), text_of(judge_sagas(h)));
}

TEST_CASE("sagas end: a wish, a refund by hand and a product have their consequences") {
  history h;
  stock(h);
  sell(h, "O1");
  h.log<order::contract>("O1", {order::refund_requested{"", "ada", h.now()}});
  h.log<payment::contract>("O1", {payment::refund_made{"R1", usd(1), usd(2499), "", h.now()}});
  h.log<commerce::product::contract>("P2", {commerce::product::created{"P2", "CUP", "Cup", "", "", usd(1), 1, h.now()}});
  CHECK(says(judge_sagas(h), "order/O1 asked for refund-order, and there is no saga of it"));
  CHECK(says(judge_sagas(h), "payment/O1 made refund R1, and no saga pays it out"));
  CHECK(says(judge_sagas(h), "product/P2 was created, and inventory/CUP never stocked"));
}

// --- Sagas that need people ------------------------------------------------------------------------------------------------

TEST_CASE("sagas end: a parked saga is reported unless it could not be helped") {
  history h;
  stock(h);
  start_checkout(h, "O1");
  confirm(h, "O1");
  h.pass(5min);
  h.log<run::contract>("checkout-O1", {run::parked{{"conflict", "reservation_expired", "gone", "fulfil"}, {}, h.now()}});
  CHECK(says(judge_sagas(h), "saga/checkout-O1 is parked: reservation_expired at 'fulfil' (gone)"));
  SUBCASE("a fault held it up for as long as goods are held") {
    h.of.faults.push_back({.when = {.at = 1s}, .what = crash_fault{.down = 6min}});
    CHECK_MESSAGE(judge_sagas(h).empty(), text_of(judge_sagas(h)));
  }
  SUBCASE("the plan expects it") {
    h.of.expectations.push_back({"saga/checkout-O1", "status", {"parked"}});
    CHECK_MESSAGE(judge_sagas(h).empty(), text_of(judge_sagas(h)));
  }
  SUBCASE("a fault that held nothing up excuses nothing") {
    history quick;
    quick.of.faults.push_back({.when = {.at = 1s}, .what = crash_fault{}});
    stock(quick);
    start_checkout(quick, "O1");
    confirm(quick, "O1");
    quick.log<run::contract>("checkout-O1", {run::parked{{"conflict", "reservation_expired", "", "fulfil"}, {}, quick.now()}});
    CHECK(judge_sagas(quick).size() == 1);
  }
}

}  // namespace
}  // namespace bv::sim::testing
