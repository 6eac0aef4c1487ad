#include "protocols/schema/commerce/orders_by_customer.hpp"

#include "actors/commerce/commerce.hpp"
#include "actors/commerce/queries.hpp"
#include "protocols/schema/commerce/order.hpp"
#include "tests/actors/commerce/read_model.hpp"
#include "tests/actors/scenario.hpp"

namespace bv::commerce::orders_by_customer {
namespace {

using namespace bv::test;
using order::status;

using names = std::vector<std::string>;

struct orders : read_model {
  orders() { projection = make_orders_by_customer(); }
  void place(const std::string& id, const std::string& customer) {
    happen(id, order::placed{id,
                             customer,
                             {{"MUG-1", "Mug", 2, {12'50, "USD"}}},
                             {25'00, "USD"},
                             "pay-" + id,
                             start + duration{++placed}});
  }
  void happen(const std::string& id, const order::event& fact) { see<order::contract>("order", id, fact); }

  result<order_page> mine(const my_orders& query, const std::string& customer = "alice") const {
    return ask<order_page>(*make_my_orders(rows), query, customer);
  }
  names my_ids(const std::string& customer) const {
    const auto page = mine({}, customer);
    REQUIRE(page.has_value());
    return ids_of(*page);
  }
  names all_ids(status wanted) const {
    names all;
    list_orders query{wanted, 2, {}};
    do {
      const auto page = ask<order_page>(*make_list_orders(rows), query);
      REQUIRE(page.has_value());
      for (auto& id : ids_of(*page)) all.push_back(id);
      query.cursor = page->next_cursor;
    } while (query.cursor);
    return all;
  }
  static names ids_of(const order_page& page) {
    names ids;
    for (const auto& row : page.items) ids.push_back(row.id);
    return ids;
  }
  int placed = 0;
};

}  // namespace

TEST_CASE("orders by customer: each sees their own, newest first") {
  orders model;
  model.place("o-1", "alice");
  model.place("o-2", "bob");
  model.place("o-3", "alice");
  CHECK(model.my_ids("alice") == names{"o-3", "o-1"});
  CHECK(model.my_ids("bob") == names{"o-2"});
  CHECK(model.my_ids("ali").empty());
  CHECK(model.my_ids("alice/").empty());
  CHECK(model.mine({}, "").error().kind == error_kind::unauthenticated);
}

TEST_CASE("orders by customer: page by page, with what an overview needs") {
  orders model;
  for (int i = 1; i <= 5; ++i) model.place("o-" + std::to_string(i), "alice");
  const auto first = model.mine({3, {}});
  CHECK(orders::ids_of(*first) == names{"o-5", "o-4", "o-3"});
  CHECK(first->items[0] == order_row{"o-5",
                                     "alice",
                                     status::pending,
                                     {25'00, "USD"},
                                     1,
                                     "pay-o-5",
                                     "",
                                     start + duration{5},
                                     start + duration{5}});
  CHECK(first->lag == 7);
  const auto second = model.mine({3, first->next_cursor});
  CHECK(orders::ids_of(*second) == names{"o-2", "o-1"});
  CHECK_FALSE(second->next_cursor.has_value());
  // A cursor is a place, not a key: in another's list it shows nothing of the first.
  CHECK(model.mine({3, first->next_cursor}, "bob")->items.empty());
}

TEST_CASE("orders by customer: the status follows the order") {
  orders model;
  model.place("o-1", "alice");
  const std::vector<std::pair<order::event, status>> steps = {
      {order::confirmed{start}, status::confirmed},
      {order::paid{start}, status::paid},
      {order::shipped{"1Z", start}, status::shipped},
      {order::delivered{start}, status::delivered},
      {order::refund_requested{"broken", "alice", start}, status::delivered},
      {order::request_declined{order::request::refund, "no", start}, status::delivered},
      {order::refunded{{25'00, "USD"}, "broken", start}, status::refunded},
  };
  for (const auto& [fact, expected] : steps) {
    model.happen("o-1", fact);
    CHECK(model.mine({})->items[0].status == expected);
    CHECK(model.all_ids(expected) == names{"o-1"});
  }
  CHECK(model.mine({})->items[0].reason == "broken");
  for (const auto former :
       {status::pending, status::confirmed, status::paid, status::shipped, status::delivered})
    CHECK(model.all_ids(former).empty());
}

TEST_CASE("orders by customer: the work list shows everybody's, or those at one status") {
  orders model;
  for (int i = 1; i <= 5; ++i) model.place("o-" + std::to_string(i), i % 2 ? "alice" : "bob");
  model.happen("o-2", order::cancelled{"unpaid", start});
  model.happen("o-3", order::cancellation_requested{"", "alice", start});
  CHECK(model.all_ids(status::unplaced) == names{"o-5", "o-4", "o-3", "o-2", "o-1"});
  CHECK(model.all_ids(status::pending) == names{"o-5", "o-4", "o-3", "o-1"});
  CHECK(model.all_ids(status::cancelled) == names{"o-2"});
}

TEST_CASE("orders by customer: an event of an order that was never placed stops it loudly") {
  orders model;
  CHECK(model.see_result<order::contract>("order", "o-1", order::paid{start}).error().code ==
        "projection_gap");
}

}  // namespace bv::commerce::orders_by_customer
