#include "actors/commerce/money.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <limits>

#include "actors/commerce/lines.hpp"

using namespace bv;
using namespace bv::commerce;

namespace {

constexpr auto most = std::numeric_limits<std::int64_t>::max();
constexpr auto least = std::numeric_limits<std::int64_t>::min();

}  // namespace

TEST_CASE("money: sums and products that do not fit are refused") {
  CHECK(plus({most, "USD"}, {1, "USD"}).error().code == "amount_too_large");
  CHECK(minus({least, "USD"}, {1, "USD"}).error().code == "amount_too_large");
  CHECK(times({most, "USD"}, 2).error().code == "amount_too_large");
  CHECK(plus({most - 1, "USD"}, {1, "USD"}) == money{most, "USD"});
  CHECK(minus({5, "USD"}, {7, "USD"}) == money{-2, "USD"});
}

TEST_CASE("money: currencies do not mix") {
  CHECK(plus({1, "USD"}, {1, "EUR"}).error().code == "currency_mixed");
  CHECK(minus({1, "USD"}, {1, "EUR"}).error().code == "currency_mixed");
}

TEST_CASE("money: people read it in units and cents") {
  CHECK(to_text({12'50, "USD"}) == "12.50 USD");
  CHECK(to_text({5, "USD"}) == "0.05 USD");
  CHECK(to_text({-12'05, "EUR"}) == "-12.05 EUR");
  CHECK(to_text({least, "USD"}) == "-92233720368547758.08 USD");
}

TEST_CASE("lines: their total is the sum of quantity times price") {
  CHECK(rc::check([] {
    lines made;
    std::int64_t expected = 0;
    const auto count = *rc::gen::inRange(1, 50);
    for (int i = 0; i < count; ++i) {
      const auto quantity = *rc::gen::inRange<std::uint32_t>(1, 11);
      const auto price = *rc::gen::inRange<std::int64_t>(1, price_max_minor + 1);
      made.put({"SKU-" + std::to_string(i), "", quantity, {price, "USD"}});
      expected += price * quantity;
    }
    RC_ASSERT(total_of(made) == money(expected, "USD"));
  }));
}

TEST_CASE("lines: what has no price, or an absurd one, has no total") {
  for (const auto price : {std::int64_t{0}, std::int64_t{-1}, price_max_minor + 1, most})
    CHECK(total_of({{"A", "A", 10, {price, "USD"}}}).error().code == "price_out_of_range");
}
