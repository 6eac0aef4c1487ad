// covers: actors/commerce/commerce.cpp
#include "actors/commerce/sample_data.hpp"

#include <set>

#include "actors/commerce/commerce.hpp"
#include "protocols/schema/commerce/product.hpp"
#include "tests/actors/commerce/read_model.hpp"
#include "tests/actors/scenario.hpp"

using namespace bv;
using namespace bv::commerce;
using namespace bv::test;

TEST_CASE("sample data: about forty products of five categories or more, each accepted") {
  const auto type = make_product();
  const known_facts none;
  std::set<std::string> skus, categories, ids, command_ids;
  for (const auto& request : sample_catalogue()) {
    CAPTURE(request.entity.text());
    const auto state = type->create();
    REQUIRE(
        type->handle(*state, request.command, {start, request.entity, 0, "", request.command_id, 0, none}));
    product::state made;
    REQUIRE(product::contract::decode(type->encode(*state), made));
    skus.insert(made.sku);
    categories.insert(made.category);
    ids.insert(request.entity.text());
    command_ids.insert(request.command_id);
  }
  CHECK(skus.size() >= 40);
  CHECK(skus.count("MUG-1") == 1);
  CHECK(categories.size() >= 5);
  CHECK(ids.size() == skus.size());
  CHECK(command_ids.size() == skus.size());
}

TEST_CASE("sample data: it is the same every time") {
  const auto once = sample_catalogue(), again = sample_catalogue();
  REQUIRE(once.size() == again.size());
  for (std::size_t i = 0; i < once.size(); ++i) {
    CHECK(once[i].entity == again[i].entity);
    CHECK(once[i].command == again[i].command);
    CHECK(once[i].command_id == again[i].command_id);
  }
}

TEST_CASE("commerce: a node gets all aggregates, projections and queries") {
  CHECK(aggregates().size() == 5);
  std::set<std::string> served;
  for (const auto& one : projections()) served.insert(one->name());
  CHECK(served ==
        std::set<std::string>{"stock_view", "product_search", "orders_by_customer", "payments_by_customer"});
  std::set<std::string> asked;
  const auto all = queries([&](std::string_view name) {
    asked.insert(std::string(name));
    return std::make_shared<memory_rows>();
  });
  CHECK(all.size() == 5);
  CHECK(asked == served);
}
