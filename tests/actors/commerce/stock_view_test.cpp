#include "actors/commerce/stock_view.hpp"

#include "actors/commerce/commerce.hpp"
#include "actors/commerce/queries.hpp"
#include "protocols/schema/commerce/inventory.hpp"
#include "protocols/schema/commerce/product.hpp"
#include "tests/actors/commerce/read_model.hpp"
#include "tests/actors/scenario.hpp"

using namespace bv;
using namespace bv::commerce;
using namespace bv::test;
using stock_view::list_stock;
using stock_view::stock_page;
using stock_view::stock_row;

namespace {

struct stock_model : read_model {
  stock_model() { projection = make_stock_view(); }
  void product(const product::event& happened) { see<product::contract>("product", "p-1", happened); }
  void stock(const inventory::event& happened, std::string_view sku = "MUG-1") {
    see<inventory::contract>("inventory", sku, happened);
  }
  stock_row row(std::string_view sku = "MUG-1") const {
    stock_row found;
    const auto stored = rows->get(stock_key("default", sku));
    REQUIRE(stored->has_value());
    REQUIRE(decode(**stored, found));
    return found;
  }
  result<stock_page> list(const list_stock& query) const {
    return ask<stock_page>(*make_list_stock(rows), query);
  }
};

const product::created mug{"p-1", "MUG-1", "Mug", "", "kitchen", {12'50, "USD"}, 100, start};
const inventory::initialised hundred{"MUG-1", "p-1", 100, start};

}  // namespace

TEST_CASE("stock view: the catalogue and the stock meet in one row, whichever comes first") {
  stock_model one, other;
  one.product(mug);
  one.stock(hundred);
  other.stock(hundred);
  other.product(mug);
  CHECK(one.row() == stock_row{"MUG-1", "p-1", "Mug", {12'50, "USD"}, 100, 0, 0, false, true});
  CHECK(one.rows->all() == other.rows->all());
}

TEST_CASE("stock view: it counts every unit once") {
  stock_model model;
  model.stock(hundred);
  model.stock(inventory::received{20, {}, start});
  model.stock(inventory::adjusted{-5, "broken", start});
  for (const auto* id : {"a", "b", "c", "d"}) model.stock(inventory::reserved{id, 10, start});
  model.stock(inventory::released{"a", 10, start});
  model.stock(inventory::reservation_expired{"b", 10, start});
  model.stock(inventory::committed{"c", 10, start});
  model.stock(inventory::restocked{"order-1", 4, start});
  const auto row = model.row();
  CHECK(row.available == 115 - 10 - 10 + 4);
  CHECK(row.reserved == 10);
  CHECK(row.sold == 6);
  CHECK_FALSE(row.low);
  CHECK_FALSE(row.on_sale);
}

TEST_CASE("stock view: it tells what is to be reordered") {
  stock_model model;
  model.stock(hundred);
  model.stock(inventory::reserved{"a", 90, start});
  CHECK(model.row().low);
  model.stock(inventory::received{1, {}, start});
  CHECK_FALSE(model.row().low);
}

TEST_CASE("stock view: it follows the product's name, price and end") {
  stock_model model;
  model.product(mug);
  model.product(product::updated{"p-1", "MUG-1", "Cup", "", "kitchen", {13'00, "USD"}, start});
  CHECK(model.row().name == "Cup");
  CHECK(model.row().price == common::money{13'00, "USD"});
  model.product(product::removed{"p-1", "MUG-1", start});
  CHECK_FALSE(model.row().on_sale);
}

TEST_CASE("stock view: the end of a former product does not touch its successor") {
  stock_model model;
  model.product(mug);
  model.product(product::created{"p-2", "MUG-1", "New mug", "", "kitchen", {14'00, "USD"}, 1, start});
  model.product(product::removed{"p-1", "MUG-1", start});
  model.product(product::updated{"p-1", "MUG-1", "Late", "", "kitchen", {1'00, "USD"}, start});
  CHECK(model.row().on_sale);
  CHECK(model.row().name == "New mug");
}

TEST_CASE("stock view: a decision finds the row of its own tenant") {
  stock_model model;
  model.product(mug);
  known_facts facts;
  for (const auto& [key, value] : model.rows->all()) facts.put("stock_view", key, value);
  const auto own = entity_key::trusted("default", "cart", "alice"),
             other = entity_key::trusted("acme", "cart", "alice");
  CHECK(find_stock({start, own, 0, "", "", 0, facts}, "MUG-1")->product_id == "p-1");
  CHECK_FALSE(find_stock({start, other, 0, "", "", 0, facts}, "MUG-1").has_value());
  CHECK_FALSE(find_stock({start, own, 0, "", "", 0, facts}, "MUG").has_value());
}

TEST_CASE("stock view: people list it by SKU, page by page, and see how far it is behind") {
  stock_model model;
  for (int i = 0; i < 5; ++i) model.stock(hundred, "SKU-" + std::to_string(i));
  const auto first = model.list({false, 3, {}});
  REQUIRE(first->items.size() == 3);
  CHECK(first->items[0].sku == "SKU-0");
  CHECK(first->lag == 7);
  const auto second = model.list({false, 3, first->next_cursor});
  REQUIRE(second->items.size() == 2);
  CHECK(second->items[0].sku == "SKU-3");
  CHECK_FALSE(second->next_cursor.has_value());
}

TEST_CASE("stock view: people list what is to be reordered only") {
  stock_model model;
  for (int i = 0; i < 5; ++i) model.stock(hundred, "SKU-" + std::to_string(i));
  model.stock(inventory::reserved{"a", 95, start}, "SKU-2");
  const auto page = model.list({true, 50, {}});
  REQUIRE(page->items.size() == 1);
  CHECK(page->items[0].sku == "SKU-2");
}
