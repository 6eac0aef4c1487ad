#include <doctest/doctest.h>

#include "tests/sim/checkers/history.hpp"

namespace bv::sim::testing {
namespace {

std::vector<violation> judge_order(const history& h) { return h.judge_by("linearizable"); }

/// Somebody's command to a cart, between two moments; its record is committed at `committed`.
operation& change(history& h, cart::command what, const std::string& id, cart::event happened, std::int64_t committed) {
  h.seen.now = ms(committed - 1);
  const auto version = h.log<cart::contract>("ada", {happened}, id).version;
  auto& asked = h.ask("cart/ada", "change", id, ms(committed - 5), ms(committed + 5));
  asked.body = cart::contract::encode(what);
  asked.outcome = operation::accepted{version, {static_cast<std::uint16_t>(happened.index())}};
  return asked;
}

bytes shown(std::vector<commerce::line> lines, const std::string& checking_out = {}) {
  cart::state now;
  for (auto& one : lines) now.lines.put(std::move(one));
  now.checking_out = checking_out;
  return cart::contract::encode(now);
}

/// At 10 ms two mugs, at 20 ms three; at 30 ms the cart is locked, at 40 ms a saga empties it.
history a_cart() {
  history h;
  change(h, cart::add_item{"MUG", 2}, "c1", cart::item_added{mugs(2), 2, {}}, 10);
  change(h, cart::set_quantity{"MUG", 3}, "c2", cart::quantity_set{mugs(3), {}}, 20);
  change(h, cart::checkout{"O1"}, "c3", cart::checkout_started{"O1", "ada", {mugs(3)}, usd(3750), {}}, 30);
  h.seen.now = ms(39);
  h.log<cart::contract>("ada", {cart::checkout_completed{"O1", {}}}, "checkout-O1#4.3a");
  return h;
}

TEST_CASE("linearizable: a cart that is used by one after the other") {
  auto h = a_cart();
  h.look("cart/ada", ms(1), ms(2), 0, shown({}));
  h.look("cart/ada", ms(16), ms(17), 2, shown({mugs(3)}));  // while the change is still being answered
  h.look("cart/ada", ms(18), ms(36), 3, shown({mugs(3)}, "O1"));
  h.look("cart/ada", ms(39), ms(41), 4, shown({}));
  h.look("cart/ada", ms(50), ms(51), 4, shown({}));
  CHECK_MESSAGE(judge_order(h).empty(), text_of(judge_order(h)));
}

TEST_CASE("linearizable: a stale view is found, and named") {
  auto h = a_cart();
  h.look("cart/ada", ms(26), ms(27), 1, shown({mugs(2)}));
  CHECK(says(judge_order(h), "n1 cart/ada: in no order of its 5 operations can this have happened: ada's view of version 1, between"));
}

TEST_CASE("linearizable: what a saga did is seen by whoever asks after it was committed") {
  auto h = a_cart();
  h.look("cart/ada", ms(40), ms(41), 3, shown({mugs(3)}, "O1"));
  CHECK(judge_order(h).empty());
  h.seen.history.back().invoked = timestamp{ms(40).ns + 1};
  CHECK(judge_order(h).size() == 1);
}

TEST_CASE("linearizable: what a saga did is not seen before it was committed") {
  auto h = a_cart();
  h.look("cart/ada", ms(36), ms(40), 4, shown({}));
  CHECK(judge_order(h).empty());
  h.seen.history.back().returned = timestamp{ms(40).ns - 1};
  CHECK(judge_order(h).size() == 1);
}

TEST_CASE("linearizable: the right version with the wrong lines is found") {
  auto h = a_cart();
  h.look("cart/ada", ms(26), ms(27), 2, shown({mugs(2)}));
  CHECK(judge_order(h).size() == 1);
}

TEST_CASE("linearizable: a lost update is found") {
  history h;
  change(h, cart::add_item{"MUG", 2}, "c1", cart::item_added{mugs(2), 2, {}}, 10);
  change(h, cart::add_item{"MUG", 2}, "c2", cart::item_added{mugs(2), 2, {}}, 20);
  h.look("cart/ada", ms(30), ms(31), 2, shown({mugs(2)}));
  CHECK(judge_order(h).size() == 1);
  h.seen.history.back().outcome = operation::seen{2, shown({mugs(4)})};
  CHECK(judge_order(h).empty());
}

TEST_CASE("linearizable: a refusal that the cart could not have meant is found") {
  auto h = a_cart();
  auto& refused = h.ask("cart/ada", "addItem", "c9", ms(16), ms(24));
  refused.body = cart::contract::encode(cart::add_item{"MUG", 8});
  refused.outcome = operation::refused{{error_kind::conflict, "item_limit", ""}};
  CHECK(judge_order(h).empty());  // three and eight
  h.seen.history.back().body = cart::contract::encode(cart::add_item{"MUG", 7});
  CHECK(judge_order(h).size() == 1);
}

TEST_CASE("linearizable: what nobody heard of happened late, or never") {
  history h;
  change(h, cart::add_item{"MUG", 2}, "c1", cart::item_added{mugs(2), 2, {}}, 10);
  auto& lost = h.ask("cart/ada", "addItem", "c2", ms(20), {});
  lost.body = cart::contract::encode(cart::add_item{"MUG", 1});
  h.look("cart/ada", ms(30), ms(31), 1, shown({mugs(2)}));
  CHECK(judge_order(h).empty());
  h.seen.now = ms(49);
  h.log<cart::contract>("ada", {cart::item_added{mugs(3), 1, {}}}, "c2");
  h.look("cart/ada", ms(60), ms(61), 2, shown({mugs(3)}));
  CHECK_MESSAGE(judge_order(h).empty(), text_of(judge_order(h)));
  h.look("cart/ada", ms(70), ms(71), 1, shown({mugs(2)}));
  CHECK(judge_order(h).size() == 1);
}

TEST_CASE("linearizable: copies of a command under one id are one operation") {
  auto h = a_cart();
  auto copy = h.seen.history.front();  // c1, asked again much later and answered the same
  copy.invoked = ms(35);
  copy.returned = ms(36);
  h.seen.history.push_back(copy);
  copy.outcome = operation::unknown{};
  h.seen.history.push_back(copy);
  CHECK_MESSAGE(judge_order(h).empty(), text_of(judge_order(h)));
  h.look("cart/ada", ms(16), ms(17), 0, shown({}));  // it was done when the first answer came
  CHECK(judge_order(h).size() == 1);
}

TEST_CASE("linearizable: of other entities the versions are looked at") {
  history h;
  stock(h);  // version 1 at 2 ms
  h.seen.now = ms(9);
  h.log<inventory::contract>("MUG", {inventory::received{5, {}, {}}}, "c1");
  h.seen.now = ms(19);
  h.log<inventory::contract>("MUG", {inventory::reserved{"O1", 1, {}}, inventory::reorder_needed{"MUG", 9, {}}}, "checkout-O1#0.2a");
  h.ask("inventory/MUG", "receive", "c1", ms(8), ms(11)).outcome = operation::accepted{2, {1}};
  h.ask("inventory/MUG", "receive", "c2", ms(8), {}).outcome = operation::unknown{};
  h.look("inventory/MUG", ms(9), ms(10), 1);
  h.look("inventory/MUG", ms(9), ms(21), 4);
  h.look("inventory/CUP", ms(1), ms(2), 0);
  CHECK_MESSAGE(judge_order(h).empty(), text_of(judge_order(h)));
  SUBCASE("one that goes back") { h.look("inventory/MUG", ms(21), ms(22), 2); }
  SUBCASE("one between two events of one record") { h.look("inventory/MUG", ms(15), ms(22), 3); }
  SUBCASE("an accepted command that is not in the log") {
    h.ask("inventory/MUG", "receive", "c3", ms(30), ms(31)).outcome = operation::accepted{2, {1}};
  }
  SUBCASE("an accepted command that saw an old version") {
    h.ask("inventory/MUG", "release", "c4", ms(30), ms(31)).outcome = operation::accepted{2, {}};
  }
  CHECK(judge_order(h).size() == 1);
}

TEST_CASE("linearizable: an unheard command whose record is there has happened when that was committed") {
  history h;
  stock(h);
  h.ask("inventory/MUG", "receive", "c1", ms(5), {}).outcome = operation::unknown{};
  h.seen.now = ms(19);
  h.log<inventory::contract>("MUG", {inventory::received{5, {}, {}}}, "c1");
  h.look("inventory/MUG", ms(10), ms(11), 1);
  h.look("inventory/MUG", ms(21), ms(22), 2);
  CHECK(judge_order(h).empty());
  h.look("inventory/MUG", ms(23), ms(24), 1);
  CHECK(judge_order(h).size() == 1);
}

TEST_CASE("linearizable: when a record was committed is what was said then, not what the disk says later") {
  auto h = a_cart();
  h.look("cart/ada", ms(50), ms(51), 4, shown({}));
  const auto told = h.seen.records;
  for (auto& record : h.seen.records) record.committed_at = ms(1000);
  CHECK_MESSAGE(h.judge_by("linearizable", told).empty(), text_of(h.judge_by("linearizable", told)));
}

TEST_CASE("linearizable: a search that is cut off is reported") {
  history h;
  for (int i = 0; i < 22; ++i) {
    auto& asked = h.ask("cart/ada", "addItem", "c" + std::to_string(i), ms(1), {});
    asked.body = cart::contract::encode(cart::add_item{"SKU" + std::to_string(i), 1});
  }
  h.look("cart/ada", ms(2), ms(3), 99, shown({}));
  CHECK(says(judge_order(h), "the search was cut off for 1 entities"));
}

TEST_CASE("linearizable: ten thousand operations on two hundred carts") {
  history h;
  constexpr int carts = 200, rounds = 25;
  for (int round = 0; round < rounds; ++round)
    for (int i = 0; i < carts; ++i) {
      const auto id = std::to_string(i);
      const auto command = "c" + std::to_string(round);
      const auto quantity = static_cast<std::uint32_t>(1 + round % 10);
      const auto began = h.now();
      const bool first = round == 0;
      const auto version =
          h.log<cart::contract>(id, {first ? cart::event(cart::item_added{mugs(1), 1, {}}) : cart::quantity_set{mugs(quantity), {}}},
                                command).version;
      auto& asked = h.ask("cart/" + id, "change", command, began, h.now() + 1s);
      asked.body = first ? cart::contract::encode(cart::command(cart::add_item{"MUG", 1}))
                         : cart::contract::encode(cart::command(cart::set_quantity{"MUG", quantity}));
      asked.outcome = operation::accepted{version, {first ? std::uint16_t{0} : std::uint16_t{1}}};
      h.look("cart/" + id, h.now(), h.now() + 2s, version, shown({mugs(quantity)}));
    }
  REQUIRE(h.seen.history.size() == 10'000);
  CHECK_MESSAGE(judge_order(h).empty(), text_of(judge_order(h)));
}

}  // namespace
}  // namespace bv::sim::testing
