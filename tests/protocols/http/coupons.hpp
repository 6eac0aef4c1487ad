#pragma once

// The rules of the test's aggregates, where argument-dependent lookup finds them.

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include "actors/runtime/aggregate.hpp"
#include "tests/protocols/http/contracts/coupon.hpp"
#include "tests/protocols/http/contracts/coupon_book.hpp"

namespace bv::test::coupon {

struct deciding {
  const state& now;
  const runtime::context& about;
  using answer = result<std::vector<event>>;

  answer operator()(const issue& command) const {
    if (about.version > 0) return failure(error_kind::conflict, "coupon_exists", "it is there already");
    return std::vector<event>{issued{command.percent, command.text, std::string(about.principal)}};
  }
  answer operator()(const redeem& command) const {
    if (about.version == 0)
      return failure(error_kind::not_found, "coupon_unknown", "there is no such coupon");
    if (std::find(now.orders.begin(), now.orders.end(), command.order) != now.orders.end())
      return failure(error_kind::conflict, "already_redeemed", "an order takes a coupon once", "order");
    return std::vector<event>{redeemed{command.order, command.redemption_id}};
  }
  answer operator()(const retire&) const { return std::vector<event>{retired{}}; }
  answer operator()(const expire&) const { return std::vector<event>{retired{}}; }
};

inline result<std::vector<event>> decide(const state& now, const command& asked,
                                         const runtime::context& about) {
  return std::visit(deciding{now, about}, asked);
}

inline void evolve(state& now, const event& happened) {
  if (const auto* made = std::get_if<issued>(&happened)) {
    now.percent = made->percent;
    now.text = made->text;
    now.issued_by = made->by;
  } else if (const auto* spent = std::get_if<redeemed>(&happened)) {
    now.orders.push_back(spent->order);
  } else {
    now.retired = true;
  }
}

}  // namespace bv::test::coupon

namespace bv::test::coupon_book {

inline result<std::vector<event>> decide(const state&, const command& asked, const runtime::context&) {
  return std::vector<event>{kept{std::get<0>(asked).coupon}};
}

inline void evolve(state& now, const event& happened) {
  if (const auto* more = std::get_if<kept>(&happened)) now.coupons.push_back(more->coupon);
}

}  // namespace bv::test::coupon_book
