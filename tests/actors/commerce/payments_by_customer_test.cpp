#include "protocols/schema/commerce/payments_by_customer.hpp"

#include "actors/commerce/commerce.hpp"
#include "actors/commerce/queries.hpp"
#include "protocols/schema/commerce/payment.hpp"
#include "tests/actors/commerce/read_model.hpp"
#include "tests/actors/scenario.hpp"

namespace bv::commerce::payments_by_customer {
namespace {

using namespace bv::test;
using payment::status;

struct payments : read_model {
  payments() { projection = make_payments_by_customer(); }
  void happen(const std::string& id, const payment::event& fact) {
    see<payment::contract>("payment", id, fact);
  }
  void request(const std::string& id, const std::string& customer, int age) {
    happen(id, payment::requested{id, "order-" + id, customer, {25'00, "USD"}, start + duration{age}});
  }
  result<payment_page> mine(const my_payments& query, const std::string& customer = "alice") const {
    return ask<payment_page>(*make_my_payments(rows), query, customer);
  }
};

}  // namespace

TEST_CASE("payments by customer: each sees their own, newest first, page by page") {
  payments model;
  model.request("p-1", "alice", 1);
  model.request("p-2", "bob", 2);
  model.request("p-3", "alice", 3);
  const auto first = model.mine({1, {}});
  REQUIRE(first->items.size() == 1);
  CHECK(first->items[0] == payment_row{"p-3",
                                       "alice",
                                       "order-p-3",
                                       status::requested,
                                       {25'00, "USD"},
                                       0,
                                       start + duration{3},
                                       start + duration{3}});
  const auto second = model.mine({1, first->next_cursor});
  CHECK(second->items[0].id == "p-1");
  CHECK_FALSE(second->next_cursor.has_value());
  CHECK(model.mine({}, "").error().kind == error_kind::unauthenticated);
  CHECK(model.mine({}, "no/body")->items.empty());
}

TEST_CASE("payments by customer: the row follows the payment") {
  payments model;
  const auto at = [&] { return model.mine({})->items[0].status; };
  model.request("p-1", "alice", 1);
  model.happen("p-1", payment::attempt_failed{"down", 1, start});
  CHECK(at() == status::requested);
  model.happen("p-1", payment::authorized{"A-1", start});
  CHECK(at() == status::authorized);
  model.happen("p-1", payment::captured{{25'00, "USD"}, start});
  CHECK(at() == status::captured);
  model.happen("p-1", payment::refund_made{"r-1", {5'00, "USD"}, {20'00, "USD"}, "", start});
  CHECK(at() == status::captured);
  CHECK(model.mine({})->items[0].refunded_minor == 5'00);
  model.happen("p-1", payment::refund_made{"r-2", {20'00, "USD"}, {0, "USD"}, "", start});
  CHECK(at() == status::refunded);
  CHECK(model.mine({})->items[0].refunded_minor == 25'00);
}

TEST_CASE("payments by customer: declined, voided and timed out ones are shown as such") {
  payments model;
  for (int i = 1; i <= 3; ++i) model.request("p-" + std::to_string(i), "alice", i);
  model.happen("p-1", payment::declined{"no", start});
  model.happen("p-2", payment::voided{"p-2", "late", start});
  model.happen("p-3", payment::timed_out{start});
  const auto page = model.mine({});
  CHECK(page->items[0].status == status::timed_out);
  CHECK(page->items[1].status == status::voided);
  CHECK(page->items[2].status == status::declined);
}

TEST_CASE("payments by customer: one that was voided before it was asked for is nobody's") {
  payments model;
  model.happen("p-1", payment::voided{"p-1", "late", start});
  CHECK(model.rows->all().empty());
}

}  // namespace bv::commerce::payments_by_customer
