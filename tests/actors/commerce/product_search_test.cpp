#include "protocols/schema/commerce/product_search.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <set>

#include "actors/commerce/commerce.hpp"
#include "actors/commerce/listing.hpp"
#include "actors/commerce/queries.hpp"
#include "actors/commerce/words.hpp"
#include "protocols/schema/commerce/product.hpp"
#include "tests/actors/commerce/read_model.hpp"
#include "tests/actors/scenario.hpp"

namespace bv::commerce::product_search {
namespace {

using namespace bv::test;

using names = std::vector<std::string>;

struct catalogue : read_model {
  catalogue() { projection = make_product_search(); }

  void add(const std::string& id, const std::string& name, const std::string& category, std::int64_t price,
           const std::string& description = "") {
    see<product::contract>(
        "product", id,
        product::created{
            id, "SKU-" + id, name, description, category, {price, "USD"}, 1, start + duration{++created}});
  }
  result<product_page> find(const search_products& query, std::string_view tenant = "default") const {
    return ask<product_page>(*make_search_products(rows), query, "alice", tenant);
  }
  names ids(search_products query) const {
    names all;
    do {
      const auto page = find(query);
      REQUIRE(page.has_value());
      CHECK(page->items.size() <= query.limit);
      for (const auto& row : page->items) all.push_back(row.id);
      query.cursor = page->next_cursor;
    } while (query.cursor);
    return all;
  }
  int created = 0;
};

catalogue shop() {
  catalogue made;
  made.add("1", "Enamel mug", "kitchen", 12'50, "Holds 350 ml.");
  made.add("2", "Stoneware mug", "kitchen", 18'00, "Glazed by hand.");
  made.add("3", "Desk lamp", "office", 49'00, "Dims by hand.");
  made.add("4", "apron", "kitchen", 24'00);
  made.add("5", "Émile's bowl", "kitchen", 12'50);
  return made;
}

search_products by(sort key, order direction = order::asc, std::uint32_t limit = 2) {
  search_products query;
  query.sort = key;
  query.order = direction;
  query.limit = limit;
  return query;
}
search_products text(std::string words) {
  search_products query;
  query.text = std::move(words);
  return query;
}

}  // namespace

TEST_CASE("product search: sorted by name whatever the letter case, by price, by age, both ways") {
  const auto made = shop();
  CHECK(made.ids(by(sort::name)) == names{"4", "3", "1", "2", "5"});
  CHECK(made.ids(by(sort::price)) == names{"1", "5", "2", "4", "3"});
  CHECK(made.ids(by(sort::created_at)) == names{"1", "2", "3", "4", "5"});
  CHECK(made.ids(by(sort::name, order::desc)) == names{"5", "2", "1", "3", "4"});
  CHECK(made.ids(by(sort::price, order::desc)) == names{"3", "4", "2", "5", "1"});
  CHECK(made.ids(by(sort::created_at, order::desc)) == names{"5", "4", "3", "2", "1"});
}

TEST_CASE("product search: by category") {
  const auto made = shop();
  search_products query;
  query.category = "office";
  CHECK(made.ids(query) == names{"3"});
  query.category = "kitch";
  CHECK(made.ids(query).empty());
  query.category = "";
  CHECK(made.ids(query).size() == 5);
}

TEST_CASE("product search: by price, both ends included") {
  const auto made = shop();
  for (const auto key : {sort::name, sort::price}) {
    auto query = by(key);
    query.min_price = 12'50;
    query.max_price = 18'00;
    auto found = made.ids(query);
    std::sort(found.begin(), found.end());
    CHECK(found == names{"1", "2", "5"});
    query.max_price = 0;
    query.min_price = 18'01;
    found = made.ids(query);
    std::sort(found.begin(), found.end());
    CHECK(found == names{"3", "4"});
  }
}

TEST_CASE("product search: by words, and beginnings of words, in name, description and SKU") {
  const auto made = shop();
  CHECK(made.ids(text("MUG")) == names{"1", "2"});
  CHECK(made.ids(text("mu ston")) == names{"2"});
  CHECK(made.ids(text("hand")) == names{"3", "2"});
  CHECK(made.ids(text("émile")) == names{"5"});
  CHECK(made.ids(text("sku-4")) == names{"4"});
  CHECK(made.ids(text("ug")).empty());
  CHECK(made.ids(text("mug lamp")).empty());
  CHECK(made.ids(text("...")).size() == 5);
}

TEST_CASE("product search: an updated product is found as it is now, and only so") {
  auto made = shop();
  made.see<product::contract>(
      "product", "1",
      product::updated{"1", "SKU-1", "Tin cup", "", "camping", {9'00, "USD"}, start + duration{99}});
  CHECK(made.ids(text("mug")) == names{"2"});
  CHECK(made.ids(text("tin")) == names{"1"});
  CHECK(made.ids(by(sort::price)).front() == "1");
  CHECK(made.ids(by(sort::created_at)).front() == "1");
  search_products query;
  query.category = "camping";
  CHECK(made.find(query)->items[0].updated_at == start + duration{99});
}

TEST_CASE("product search: a removed product leaves nothing behind") {
  auto made = shop();
  catalogue expected;
  for (const auto* id : {"1", "2", "3", "4", "5"})
    made.see<product::contract>("product", id, product::removed{id, "", start});
  CHECK(made.rows->all() == expected.rows->all());
}

TEST_CASE("product search: a tenant finds its own") {
  const auto made = shop();
  CHECK(made.find({}, "acme")->items.empty());
  CHECK(made.find(text("mug"), "acme")->items.empty());
}

TEST_CASE("product search: a cursor of another order is refused") {
  const auto made = shop();
  auto query = by(sort::name);
  query.cursor = made.find(query)->next_cursor;
  REQUIRE(query.cursor.has_value());
  query.sort = sort::price;
  CHECK(made.find(query).error().code == "cursor_invalid");
  query.sort = sort::name;
  query.order = order::desc;
  CHECK(made.find(query).error().code == "cursor_invalid");
}

TEST_CASE("product search: a word that very many have is found by walking, a rare one at once") {
  catalogue made;
  for (int i = 0; i < 3'000; ++i) made.add(std::to_string(i), "Common thing", "c", 1'00 + i);
  made.add("rare", "Common gem", "c", 5'000'00);
  auto query = by(sort::price, order::asc, 10);
  query.text = "common";
  CHECK(made.find(query)->items.size() == 10);
  CHECK(made.ids(query).size() == 3'001);
  made.rows->rows_read = 0;
  query.text = "common gem";
  // The longest word is the common one: bounded pages, then the one product.
  CHECK(made.ids(query) == names{"rare"});
  query.text = "gem";
  made.rows->rows_read = 0;
  CHECK(made.ids(query) == names{"rare"});
  CHECK(made.rows->rows_read == 1);
}

TEST_CASE("product search: pages are what sorting and filtering all products gives") {
  CHECK(rc::check([] {
    catalogue made;
    std::vector<product_row> all;
    const names vocabulary{"red", "reed", "blue", "Bluish", "mug"};
    const auto count = *rc::gen::inRange(0, 40);
    for (int i = 0; i < count; ++i) {
      const auto id = std::to_string(i);
      const auto name = *rc::gen::elementOf(vocabulary) + " " + *rc::gen::elementOf(vocabulary);
      const auto category = *rc::gen::element<std::string>("a", "ab", "b");
      const auto price = *rc::gen::inRange<std::int64_t>(1, 6);
      made.add(id, name, category, price);
      all.push_back({id, "SKU-" + id, name, "", category, {price, "USD"}, start + duration{i + 1}, start});
    }
    auto query = by(*rc::gen::element(sort::name, sort::price, sort::created_at),
                    *rc::gen::element(order::asc, order::desc), *rc::gen::inRange<std::uint32_t>(1, 8));
    if (*rc::gen::arbitrary<bool>()) query.category = *rc::gen::element<std::string>("a", "ab", "c");
    if (*rc::gen::arbitrary<bool>()) query.text = *rc::gen::element<std::string>("re", "blu", "MUG red", "x");
    query.min_price = *rc::gen::inRange<std::int64_t>(0, 4);
    query.max_price = *rc::gen::inRange<std::int64_t>(0, 6);

    const auto key = [&](const product_row& row) {
      const auto head = query.sort == sort::name ? fold(row.name)
                        : query.sort == sort::price
                            ? ascending(static_cast<std::uint64_t>(row.price.minor))
                            : ascending(static_cast<std::uint64_t>(row.created_at.ns));
      return std::pair(head, row.id);
    };
    std::erase_if(all, [&](const product_row& row) {
      if (query.category && row.category != *query.category) return true;
      if (row.price.minor < query.min_price || (query.max_price > 0 && row.price.minor > query.max_price))
        return true;
      if (!query.text) return false;
      const auto has = words_of(row.name + " " + row.sku);
      for (const auto& word : words_of(*query.text))
        if (std::none_of(has.begin(), has.end(), [&](const auto& w) { return w.starts_with(word); }))
          return true;
      return false;
    });
    std::sort(all.begin(), all.end(), [&](const auto& a, const auto& b) {
      return query.order == order::asc ? key(a) < key(b) : key(b) < key(a);
    });
    names expected;
    for (const auto& row : all) expected.push_back(row.id);
    RC_ASSERT(made.ids(query) == expected);
  }));
}

}  // namespace bv::commerce::product_search
