#include <doctest/doctest.h>

#include "tests/sim/checkers/history.hpp"

namespace bv::sim::testing {
namespace {

std::vector<violation> judge_last_states(const history& h) { return h.judge_by("last_state_is_the_log"); }

template <class Contract>
void show(history& h, const std::string& id, std::uint64_t version, const typename Contract::state_type& state) {
  h.seen.states.push_back({0, entity_key::trusted("default", Contract::reflection().name(), id), version, Contract::encode(state)});
}

const common::money price{1250, "USD"};

/// A shelf at version 2 and a cart at version 1, shown as they are.
history two_entities() {
  history h;
  h.log<inventory::contract>("MUG", {inventory::initialised{"MUG", "P1", 10, {}}, inventory::reserved{"A", 2, {7}}});
  h.log<cart::contract>("ada", {cart::item_added{mugs(1), 1, {5}}});
  show<inventory::contract>(h, "MUG", 2,
                            {.sku = "MUG", .product_id = "P1", .available = 8, .reserved = 2, .received = 10, .reservations = {{"A", 2, {7}}}});
  show<cart::contract>(h, "ada", 1, {.lines = {mugs(1)}, .total = price, .touched_at = {5}});
  return h;
}

TEST_CASE("last state: what is shown is what the events add up to") {
  auto h = two_entities();
  show<order::contract>(h, "never-heard-of", 0, {});
  CHECK_MESSAGE(judge_last_states(h).empty(), text_of(judge_last_states(h)));
}

TEST_CASE("last state: another version is found") {
  auto h = two_entities();
  h.seen.states[0].version = 1;
  CHECK(says(judge_last_states(h), "n1 inventory/MUG shows version 1, its last record has 2"));
}

TEST_CASE("last state: another content is found") {
  auto h = two_entities();
  h.seen.states.clear();
  show<inventory::contract>(h, "MUG", 2, {.sku = "MUG", .product_id = "P1", .available = 10, .received = 10});
  show<cart::contract>(h, "ada", 1, {.lines = {mugs(1)}, .total = price, .touched_at = {6}});
  CHECK(says(judge_last_states(h), "n1 inventory/MUG shows another state than its events give at version 2"));
  CHECK(judge_last_states(h).size() == 2);
}

TEST_CASE("last state: orders and payments are compared too") {
  history h;
  h.log<order::contract>("O1", {order::placed{"O1", "ada", {mugs()}, usd(2500), "O1", {3}}, order::confirmed{{4}}});
  h.log<payment::contract>("O1", {payment::requested{"O1", "O1", "ada", usd(2500), {3}}});
  show<order::contract>(h, "O1", 2,
                        {.id = "O1", .customer = "ada", .status = order::status::confirmed, .lines = {mugs()}, .total = usd(2500),
                         .payment_id = "O1", .placed_at = {3}, .updated_at = {4}});
  show<payment::contract>(h, "O1", 1,
                          {.id = "O1", .order_id = "O1", .customer = "ada", .amount = usd(2500),
                           .status = payment::status::requested, .requested_at = {3}, .updated_at = {3}});
  CHECK_MESSAGE(judge_last_states(h).empty(), text_of(judge_last_states(h)));
  h.seen.states.clear();
  show<order::contract>(h, "O1", 2, {.id = "O1"});
  show<payment::contract>(h, "O1", 1, {.id = "O1"});
  CHECK(judge_last_states(h).size() == 2);
}

TEST_CASE("last state: an entity that a node has forgotten is missed") {
  auto h = two_entities();
  h.seen.states.pop_back();
  CHECK(says(judge_last_states(h), "n1 shows nothing of default/cart/ada"));
  h.seen.states.clear();  // the node is down: it shows nothing at all
  CHECK(judge_last_states(h).empty());
}

TEST_CASE("last state: a state that can't be read is no state") {
  auto h = two_entities();
  h.seen.states[1].state = "rubbish";
  CHECK(says(judge_last_states(h), "cart/ada shows a state that can't be read"));
}

}  // namespace
}  // namespace bv::sim::testing
