#include <doctest/doctest.h>

#include "actors/commerce/commerce.hpp"
#include "actors/runtime/random.hpp"
#include "sim/checkers/models.hpp"
#include "tests/sim/checkers/history.hpp"

namespace bv::sim::testing {
namespace {

using state = cart_model::state;

const state empty{}, two_mugs{3, {}, {{"MUG", 2}}}, locked{4, "O1", {{"MUG", 2}}};

std::optional<state> accept(const state& now, cart::command what, std::uint64_t version, std::size_t events) {
  return cart_model::step(now, cart_model::command{std::move(what), cart_model::accepted{version, events}});
}
bool refuses(const state& now, cart::command what, const std::string& code) {
  return cart_model::step(now, cart_model::command{std::move(what), cart_model::refused{code}}) == now;
}

TEST_CASE("cart model: what is accepted changes the cart and its version as it says") {
  CHECK(accept(two_mugs, cart::add_item{"MUG", 8}, 4, 1) == state{4, {}, {{"MUG", 10}}});
  CHECK(accept(two_mugs, cart::set_quantity{"MUG", 5}, 4, 1) == state{4, {}, {{"MUG", 5}}});
  CHECK(accept(two_mugs, cart::remove_item{"MUG"}, 4, 1) == state{4, {}, {}});
  CHECK(accept(two_mugs, cart::remove_item{"CUP"}, 3, 0) == two_mugs);
  CHECK(accept(two_mugs, cart::clear{}, 4, 1) == state{4, {}, {}});
  CHECK(accept(empty, cart::clear{}, 0, 0) == empty);
  CHECK(accept(two_mugs, cart::checkout{"O1"}, 4, 1) == locked);
  CHECK(accept(locked, cart::reopen_after_checkout{"O1"}, 5, 1) == state{5, {}, {{"MUG", 2}}});
  CHECK(accept(locked, cart::complete_checkout{"O1"}, 5, 1) == state{5, {}, {}});
  CHECK(accept(locked, cart::complete_checkout{"O2"}, 4, 0) == locked);
}

TEST_CASE("cart model: what could not be accepted is not") {
  CHECK(!accept(two_mugs, cart::add_item{"MUG", 9}, 4, 1));
  CHECK(!accept(two_mugs, cart::set_quantity{"CUP", 1}, 4, 1));
  CHECK(!accept(empty, cart::checkout{"O1"}, 1, 1));
  CHECK(!accept(locked, cart::add_item{"CUP", 1}, 5, 1));
  CHECK(!accept(locked, cart::clear{}, 5, 1));
  CHECK(!accept(locked, cart::remove_item{"MUG"}, 5, 1));
  CHECK(!accept(locked, cart::checkout{"O2"}, 5, 1));
}

TEST_CASE("cart model: the version and the number of events are those that were told") {
  CHECK(!accept(two_mugs, cart::add_item{"MUG", 1}, 5, 1));
  CHECK(!accept(two_mugs, cart::add_item{"MUG", 1}, 4, 2));
  CHECK(!accept(two_mugs, cart::remove_item{"MUG"}, 3, 0));
}

TEST_CASE("cart model: a refusal has its reason, and changes nothing") {
  CHECK(refuses(locked, cart::clear{}, "cart_checking_out"));
  CHECK(!refuses(two_mugs, cart::clear{}, "cart_checking_out"));
  CHECK(refuses(two_mugs, cart::add_item{"MUG", 9}, "item_limit"));
  CHECK(!refuses(two_mugs, cart::add_item{"MUG", 8}, "item_limit"));
  CHECK(refuses(two_mugs, cart::set_quantity{"CUP", 1}, "item_not_in_cart"));
  CHECK(!refuses(two_mugs, cart::set_quantity{"MUG", 1}, "item_not_in_cart"));
  CHECK(refuses(empty, cart::checkout{"O1"}, "cart_empty"));
  CHECK(!refuses(two_mugs, cart::checkout{"O1"}, "cart_empty"));
  CHECK(!refuses(two_mugs, cart::add_item{"CUP", 1}, "cart_full"));
  CHECK(refuses(two_mugs, cart::add_item{"CUP", 1}, "product_unknown"));
  CHECK(!refuses(locked, cart::add_item{"CUP", 1}, "product_unknown"));  // it would have said that it is locked
  CHECK(refuses(locked, cart::add_item{"", 1}, "text_too_short"));       // the contract's, whatever the cart says
}

TEST_CASE("cart model: a view shows the cart as it is") {
  const cart::state shown{.lines = {mugs()}, .total = usd(2500), .touched_at = {9}, .checking_out = {}};
  CHECK(cart_shown(3, shown) == two_mugs);
  CHECK(cart_model::step(two_mugs, cart_model::view{cart_shown(3, shown)}) == two_mugs);
  CHECK(!cart_model::step(two_mugs, cart_model::view{cart_shown(4, shown)}));
  CHECK(!cart_model::step(locked, cart_model::view{cart_shown(4, shown)}));
  CHECK(!cart_model::step(empty, cart_model::view{cart_shown(0, shown)}));
}

TEST_CASE("cart model: what others did follows on the version before") {
  CHECK(cart_model::step(locked, cart_model::record{5, {cart::checkout_completed{"O1", {}}}}) == state{5, {}, {}});
  CHECK(!cart_model::step(locked, cart_model::record{6, {cart::checkout_completed{"O1", {}}}}));
  CHECK(cart_model::step(two_mugs, cart_model::record{5, {cart::item_added{mugs(7), 5, {}}, cart::expired{}}}) == state{5, {}, {}});
}

TEST_CASE("cart model: equal carts have equal hashes, and others mostly not") {
  CHECK(cart_model::hash(two_mugs) == cart_model::hash(state{3, {}, {{"MUG", 2}}}));
  CHECK(cart_model::hash(two_mugs) != cart_model::hash(locked));
  CHECK(cart_model::hash(two_mugs) != cart_model::hash(state{3, {}, {{"MUG", 3}}}));
}

TEST_CASE("version model: an operation needs its version") {
  CHECK(version_model::step(3, {3, 5}) == 5u);
  CHECK(version_model::step(3, {3, 3}) == 3u);
  CHECK(!version_model::step(3, {2, 3}));
}

}  // namespace
}  // namespace bv::sim::testing
