#include "sim/record/stock.hpp"

#include "tests/sim/record/told.hpp"

using namespace bv;
using namespace bv::sim;
using namespace bv::sim::testing;

namespace {

/// "when: command body", a line a fault.
std::string told_of(const stock_record& of) {
  std::string text;
  for (const auto& one : of.faults) {
    const auto& what = std::get<command_fault>(one.what).what;
    if (one.when.at) text += std::to_string(one.when.at->count() / 1'000'000);
    if (one.when.on_event) text += one.when.on_event->type + "+" + std::to_string(one.when.then_after.count() / 1'000'000);
    text += ": " + what.entity + " " + what.command + " " + what.body + "\n";
  }
  return text;
}

std::string expected_by(const stock_record& of) {
  std::string text;
  for (const auto& one : of.expectations) text += one.entity + " " + one.path + " " + one.values.front() + "\n";
  return text;
}

/// Ada wants the last mug, and somebody else got it 10 ms before.
adas_order last_mug_gone() {
  adas_order told(1);
  told.stock(2090ms, inventory::reserved{"o-ben", 1, morning});
  told.compensate(2100ms, run::cause::failure, "out_of_stock", 0);
  told.compensated(2110ms, 0);
  return told;
}

}  // namespace

TEST_CASE("stock: what others buy meanwhile is left out if it made no difference") {
  adas_order told;
  told.reserve(2100ms);
  told.stock(2105ms, inventory::reserved{"o-ben", 2, morning});
  told.complete(2200ms, 2300ms);
  const auto made = record_stock(told.read_saga());
  CHECK(made.shelves == std::vector<shelf>{{"MUG", 5, 1250}});
  CHECK_EQ(told_of(made), "");
  CHECK_EQ(expected_by(made), "inventory/MUG sold 1\ninventory/MUG available 4\n");
}

TEST_CASE("stock: who took the last one takes it again, and in time") {
  auto told = last_mug_gone();
  told.stock(2120ms, inventory::reserved{"o-too-late", 1, morning});
  const auto open = record_stock(told.read_saga());
  CHECK_EQ(told_of(open), "cart.itemAdded+0: inventory/MUG reserve {\"reservationId\":\"o-ben\",\"quantity\":1}\n");
  CHECK_EQ(expected_by(open), "inventory/MUG sold 0\n");
}

TEST_CASE("stock: what was in the cart just then was there, so it is taken after that") {
  adas_order told(1);
  told.stock(-20ms, inventory::received{1, {}, morning});
  told.in_cart(2100ms, cart::checkout_reopened{"o-1", morning});
  told.events["cart/ada"].insert(told.events["cart/ada"].begin() + 1, {2, morning + 1s, told.events["cart/ada"].front().payload});
  told.stock(990ms, inventory::reserved{"o-ben", 1, morning});
  told.compensate(2100ms, run::cause::failure, "out_of_stock", 0);
  const auto made = record_stock(told.read_saga());
  CHECK_EQ(told_of(made), "cart.itemAdded+0: inventory/MUG reserve {\"reservationId\":\"o-ben\",\"quantity\":1}\n");
  CHECK_EQ(made.faults.front().when.on_event->nth, 2);
}

TEST_CASE("stock: a shop window that trailed the shelf is filled for the cart, and emptied before the checkout") {
  adas_order told(0);
  told.compensate(2100ms, run::cause::failure, "out_of_stock", 0);
  const auto made = record_stock(told.read_saga());
  CHECK(made.shelves == std::vector<shelf>{{"MUG", 1, 1250}});
  CHECK_EQ(told_of(made), "cart.itemAdded+0: inventory/MUG adjust {\"delta\":-1,\"reason\":\"gone before the shop window said so\"}\n");
  CHECK_EQ(made.notes.size(), 1);
}

TEST_CASE("stock: what others gave back meanwhile is there from the beginning") {
  adas_order told(3);
  told.stock(-1s, inventory::reserved{"o-ben", 3, morning});
  told.events["cart/ada"].front().at = morning + 1s;
  told.in_cart(0s, cart::item_removed{"MUG", morning});
  std::swap(told.events["cart/ada"].front(), told.events["cart/ada"].back());
  std::swap(told.events["cart/ada"][1], told.events["cart/ada"][2]);
  told.stock(500ms, inventory::released{"o-ben", 3, morning});
  told.reserve(2100ms);
  told.complete(2200ms, 2300ms);
  const auto made = record_stock(told.read_saga());
  CHECK(made.shelves == std::vector<shelf>{{"MUG", 1, 1250}});
  CHECK_EQ(expected_by(made), "inventory/MUG sold 1\ninventory/MUG available 0\n");
  CHECK_EQ(made.notes.size(), 1);
}

TEST_CASE("stock: what was sold to others is gone for good, what they gave back is not") {
  adas_order told(9);
  told.stock(-1s, inventory::reserved{"before", 2, morning});
  told.stock(1s, inventory::reserved{"sold", 4, morning});
  told.stock(1100ms, inventory::reserved{"back", 3, morning});
  told.stock(1200ms, inventory::committed{"sold", 4, morning});
  told.stock(1300ms, inventory::released{"back", 3, morning});
  told.stock(1400ms, inventory::reservation_expired{"before", 2, morning});
  told.stock(1500ms, inventory::reserved{"expires", 1, morning});
  told.stock(1600ms, inventory::reservation_expired{"expires", 1, morning});
  told.compensate(2100ms, run::cause::failure, "out_of_stock", 0);
  told.compensated(2110ms, 0);
  const auto made = record_stock(told.read_saga());
  CHECK(made.shelves == std::vector<shelf>{{"MUG", 7, 1250}});
  CHECK_EQ(told_of(made),
           "1000: inventory/MUG adjust {\"delta\":-4,\"reason\":\"sold to sold\"}\n"
           "1100: inventory/MUG reserve {\"reservationId\":\"back\",\"quantity\":3}\n"
           "1300: inventory/MUG release {\"reservationId\":\"back\"}\n"
           "1400: inventory/MUG receive {\"quantity\":2,\"reference\":\"given back by before\"}\n"
           "1500: inventory/MUG reserve {\"reservationId\":\"expires\",\"quantity\":1}\n");
}

TEST_CASE("stock: the dealings of very many are one correction, and it is said") {
  adas_order told(500);
  for (int i = 0; i < 250; ++i) told.stock(1s, inventory::reserved{"r-" + std::to_string(i), 2, morning});
  told.compensate(2100ms, run::cause::failure, "out_of_stock", 0);
  told.compensated(2110ms, 0);
  const auto made = record_stock(told.read_saga());
  CHECK_EQ(told_of(made), "cart.itemAdded+0: inventory/MUG adjust {\"delta\":-500,\"reason\":\"bought and given back by others\"}\n");
  REQUIRE_EQ(made.notes.size(), 1);
  CHECK(made.notes.front().find("250 dealings") == 0);
}

TEST_CASE("stock: goods that came in and counts that were corrected are always there") {
  adas_order told;
  told.stock(500ms, inventory::received{20, {}, morning});
  told.stock(600ms, inventory::adjusted{-2, "broken", morning});
  told.reserve(2100ms);
  told.complete(2200ms, 2300ms);
  told.saga(4s, run::followers_informed{});
  told.stock(3s, inventory::retired{"p-1", morning});
  const auto made = record_stock(told.read_saga());
  CHECK_EQ(told_of(made),
           "500: inventory/MUG receive {\"quantity\":20}\n"
           "600: inventory/MUG adjust {\"delta\":-2,\"reason\":\"broken\"}\n"
           "3000: product/p-MUG remove {}\n");
  CHECK_EQ(expected_by(made), "inventory/MUG sold 1\ninventory/MUG available 22\n");
}

TEST_CASE("stock: a reservation that somebody freed is freed by hand, one that was undone is not") {
  adas_order told;
  told.reserve(2100ms);
  SUBCASE("by hand") {
    told.stock(2350ms, inventory::released{"o-1", 1, morning});
    told.saga(3s, run::parked{{"conflict", "reservation_expired", "", "fulfil"}, {}, morning + 3s});
    CHECK_EQ(told_of(record_stock(told.read_saga())),
             "inventory.reserved+250: inventory/MUG release {\"reservationId\":\"o-1\"}\n");
  }
  SUBCASE("undone") {
    told.compensate(2200ms, run::cause::failure, "payment_declined", 1);
    told.stock(2250ms, inventory::released{"o-1", 1, morning});
    told.compensated(2260ms, 1);
    const auto made = record_stock(told.read_saga());
    CHECK_EQ(told_of(made), "");
    CHECK_EQ(expected_by(made), "inventory/MUG sold 0\ninventory/MUG available 5\n");
  }
}

TEST_CASE("stock: of a story that goes on nothing is expected, and a shelf holds no more than a scenario's may") {
  adas_order told(3'000'000);
  told.reserve(2100ms);
  const auto made = record_stock(told.read_saga());
  CHECK(made.shelves == std::vector<shelf>{{"MUG", 1'000'000, 1250}});
  CHECK_EQ(made.notes.size(), 1);
  CHECK(made.expectations.empty());
}
