#include "actors/commerce/money.hpp"

#include "actors/commerce/rejection.hpp"

namespace bv::commerce {
namespace {

auto too_large() {
  return malformed("amount_too_large", "the amount does not fit 64 bits of minor units");
}

}  // namespace

result<money> times(const money& each, std::uint32_t count) {
  money product{0, each.currency};
  if (__builtin_mul_overflow(each.minor, std::int64_t{count}, &product.minor)) return too_large();
  return product;
}

result<void> require_same_currency(const money& left, const money& right) {
  if (left.currency == right.currency) return {};
  return rejected("currency_mixed",
                  "amounts in " + left.currency + " and " + right.currency + " can't be put together");
}

result<money> plus(const money& left, const money& right) {
  BV_TRY(require_same_currency(left, right));
  money sum{0, left.currency};
  if (__builtin_add_overflow(left.minor, right.minor, &sum.minor)) return too_large();
  return sum;
}

result<money> minus(const money& left, const money& right) {
  BV_TRY(require_same_currency(left, right));
  money difference{0, left.currency};
  if (__builtin_sub_overflow(left.minor, right.minor, &difference.minor)) return too_large();
  return difference;
}

std::string to_text(const money& amount) {
  // Through unsigned, so that the most negative amount has a magnitude too.
  const auto magnitude = amount.minor < 0 ? 0 - static_cast<std::uint64_t>(amount.minor)
                                          : static_cast<std::uint64_t>(amount.minor);
  auto cents = std::to_string(magnitude % 100);
  if (cents.size() < 2) cents.insert(cents.begin(), '0');
  return (amount.minor < 0 ? "-" : "") + std::to_string(magnitude / 100) + "." + cents + " " +
         amount.currency;
}

}  // namespace bv::commerce
