// The fold is compared with the aggregates' own `evolve` here, on random histories: two readings of one contract agree
// unless one of them is wrong. It is never linked into the checkers.
#include <doctest/doctest.h>

#include "actors/commerce/commerce.hpp"
#include "actors/runtime/random.hpp"
#include "sim/checkers/commerce_fold.hpp"
#include "tests/sim/checkers/history.hpp"

namespace bv::sim::testing {
namespace {

constexpr int rounds = 300, events_each = 30;

template <class Contract, class Draw>
void compare(std::unique_ptr<runtime::aggregate_type> type, Draw draw) {
  runtime::random_source lots(7);
  for (int round = 0; round < rounds; ++round) {
    typename Contract::state_type mine;
    const auto theirs = type->create();
    for (int i = 0; i < events_each; ++i) {
      const std::optional<typename Contract::event_type> event = draw(mine, lots, timestamp{1000 + i});
      if (!event) continue;
      fold(mine, *event);
      REQUIRE(type->replay(*theirs, Contract::encode(*event)).has_value());
      REQUIRE(Contract::encode(mine) == type->encode(*theirs));
    }
  }
}

TEST_CASE("commerce fold: reads carts as the aggregate does") {
  compare<cart::contract>(commerce::make_cart(), [](const auto&, auto& lots, timestamp at) -> std::optional<cart::event> {
    const std::string sku(1, static_cast<char>('A' + lots.below(4)));
    const commerce::line line{sku, "name", static_cast<std::uint32_t>(1 + lots.below(9)), usd(100 + static_cast<std::int64_t>(lots.below(100)))};
    switch (lots.below(8)) {
      case 0: return cart::quantity_set{line, at};
      case 1: return cart::item_removed{sku, at};
      case 2: return cart::cleared{at};
      case 3: return cart::checkout_started{"O", "ada", {line}, usd(1), at};
      case 4: return cart::checkout_completed{"O", at};
      case 5: return cart::checkout_reopened{"O", at};
      case 6: return cart::expired{at};
      default: return cart::item_added{line, 1, at};
    }
  });
}

TEST_CASE("commerce fold: reads stock as the aggregate does") {
  compare<inventory::contract>(
      commerce::make_inventory(), [](const auto& now, auto& lots, timestamp at) -> std::optional<inventory::event> {
        const auto units = static_cast<std::uint32_t>(1 + lots.below(9));
        const auto* open = now.reservations.empty() ? nullptr : &now.reservations.front();
        switch (lots.below(9)) {
          case 0: return inventory::initialised{"MUG", "P", units, at};
          case 1: return inventory::adjusted{-std::min<std::int64_t>(now.available, units), "", at};
          case 2: return inventory::reorder_needed{"MUG", now.available, at};
          case 3: return inventory::retired{"P", at};
          case 4: if (open) return inventory::released{open->id, open->quantity, at}; break;
          case 5: if (open) return inventory::committed{open->id, open->quantity, at}; break;
          case 6: if (open) return inventory::reservation_expired{open->id, open->quantity, at}; break;
          case 7:
            if (now.available >= units) return inventory::reserved{std::to_string(at.ns), units, at};
            break;
          default: return inventory::received{units, {}, at};
        }
        if (now.sold >= units) return inventory::restocked{"O", units, at};
        return std::nullopt;
      });
}

TEST_CASE("commerce fold: reads orders as the aggregate does") {
  compare<order::contract>(commerce::make_order(), [](const auto&, auto& lots, timestamp at) -> std::optional<order::event> {
    switch (lots.below(10)) {
      case 0: return order::placed{"O", "ada", {mugs()}, usd(2500), "P", at};
      case 1: return order::confirmed{at};
      case 2: return order::paid{at};
      case 3: return order::shipped{"T", at};
      case 4: return order::delivered{at};
      case 5: return order::cancelled{"why", at};
      case 6: return order::cancellation_requested{"", "ada", at};
      case 7: return order::refund_requested{"", "ada", at};
      case 8: return order::refunded{usd(1), "because", at};
      default: return order::request_declined{order::request::refund, "", at};
    }
  });
}

TEST_CASE("commerce fold: reads payments as the aggregate does") {
  compare<payment::contract>(
      commerce::make_payment(), [](const auto&, auto& lots, timestamp at) -> std::optional<payment::event> {
        switch (lots.below(8)) {
          case 0: return payment::requested{"P", "O", "ada", usd(2500), at};
          case 1: return payment::authorized{"A", at};
          case 2: return payment::declined{"no", at};
          case 3: return payment::attempt_failed{"down", 2, at};
          case 4: return payment::captured{usd(2500), at};
          case 5: return payment::voided{"P", "why", at};
          case 6: return payment::refund_made{std::to_string(at.ns), usd(5), usd(static_cast<std::int64_t>(lots.below(2))), "", at};
          default: return payment::timed_out{at};
        }
      });
}

}  // namespace
}  // namespace bv::sim::testing
