#include "actors/commerce/lines.hpp"

#include <string>

#include "actors/commerce/rejection.hpp"
#include "protocols/schema/base/assert.hpp"

namespace bv::commerce {

result<money> total_of(const lines& of) {
  BV_ASSERT(!of.empty(), "the sum of no lines has no currency");
  money total{0, of.front().unit_price.currency};
  for (const auto& one : of) {
    if (one.unit_price.minor <= 0 || one.unit_price.minor > price_max_minor)
      return malformed("price_out_of_range",
                       "the unit price of " + one.sku + " is " + to_text(one.unit_price), one.sku);
    BV_ASSIGN(const auto amount, times(one.unit_price, one.quantity));
    BV_ASSIGN(total, plus(total, amount));
  }
  return total;
}

result<void> check_order_limits(const lines& ordered, const money& total) {
  if (ordered.size() > order_lines_max)
    return rejected("order_too_many_lines", "an order has at most " + std::to_string(order_lines_max) +
                                                " lines, this one has " + std::to_string(ordered.size()));
  if (total.minor < order_total_min_minor)
    return rejected("order_below_minimum", "an order is worth at least " +
                                               to_text({order_total_min_minor, total.currency}) +
                                               ", this one is " + to_text(total));
  if (total.minor > order_total_max_minor)
    return rejected("order_above_maximum", "an order is worth at most " +
                                               to_text({order_total_max_minor, total.currency}) +
                                               ", this one is " + to_text(total));
  return {};
}

}  // namespace bv::commerce
