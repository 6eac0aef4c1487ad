// Covers: protocols/schema/contract.cpp protocols/schema/contract_builder.cpp protocols/schema/types.cpp
#include "protocols/schema/contract.hpp"

#include <doctest/doctest.h>

#include "protocols/schema/commerce/cart.hpp"
#include "protocols/schema/contract_builder.hpp"
#include "protocols/schema/nearest.hpp"
#include "tests/protocols/schema/fixtures/sample.hpp"

using namespace bv;
using namespace bv::fixtures;

namespace {
const schema::aggregate_contract& contract() { return sample::contract::reflection(); }
const schema::struct_type& everything() { return *contract().state().find("everything")->structure; }
}  // namespace

TEST_CASE("contract: says what its annotations say") {
  CHECK(contract().name() == "sample");
  CHECK(contract().domain() == "testing");
  CHECK(contract().snapshot_every() == 7);
  CHECK(contract().retain_days() == 30);
  CHECK(contract().state().doc() == "The sample as it stands.");
  CHECK(contract().state_scope() == "sample:read");
  REQUIRE(contract().state_routes().size() == 1);
  CHECK(contract().state_routes()[0].path == "/api/samples/{id}");
  CHECK(&contract() == &sample::contract::reflection());
}

TEST_CASE("contract: commands have routes, scopes and parameters") {
  REQUIRE(contract().commands().size() == 4);
  const auto* price = contract().find_command("price");
  REQUIRE(price);
  CHECK(price->ordinal == 1);
  CHECK(price->doc == "Sets a price.");
  CHECK(price->scope == "sample:write");
  CHECK(price->parameters->name() == "Price");
  REQUIRE(price->routes.size() == 1);
  const auto& route = price->routes[0];
  CHECK(route.method == "PUT");
  CHECK(route.entity == schema::entity_source::path);
  CHECK(route.success == 200);
  REQUIRE(route.segments.size() == 5);
  CHECK(route.segments[0].text == "api");
  CHECK_FALSE(route.segments[1].is_parameter);
  CHECK(route.segments[2].is_parameter);
  CHECK(route.segments[4].text == "sku");
  const auto& open = contract().find_command("open")->routes[0];
  CHECK(open.entity == schema::entity_source::generated);
  CHECK(open.success == 201);
  CHECK(open.location == "/api/samples/{id}/tickets/{ticket}");
  CHECK(contract().find_command("close")->internal);
  CHECK(contract().find_command("store")->routes.empty());
  CHECK(contract().find_command("nonsense") == nullptr);
  CHECK(commerce::cart::contract::reflection().find_command("addItem")->routes[0].entity ==
        schema::entity_source::principal);
}

TEST_CASE("contract: events have full type names with their version") {
  CHECK(contract().find_event(0)->type == "testing.sample.stored.v1");
  CHECK(contract().find_event(1)->type == "testing.sample.priced.v2");
  CHECK(contract().find_event(1)->version == 2);
  CHECK(contract().find_event(4) == nullptr);
  CHECK(commerce::cart::contract::reflection().find_event(0)->type == "ecommerce.cart.item_added.v1");
  CHECK(schema::snake_case("checkoutStarted") == "checkout_started");
}

TEST_CASE("contract: fields carry their limits and what they need") {
  const auto& item = *everything().find("items")->structure;
  const auto* sku = item.find("sku");
  CHECK(sku->bounds.min_length == 1);
  CHECK(sku->bounds.max_length == 8);
  CHECK(sku->bounds.matches->expression() == "[a-z0-9-]+");
  CHECK(sku->required);
  CHECK(item.find("price")->required);        // its currency is
  CHECK_FALSE(item.find("colour")->required);
  CHECK(everything().find("items")->key == "sku");
  CHECK(everything().find("items")->of == schema::kind::list);
  CHECK(everything().find("numbers")->element == schema::kind::int32);
  CHECK_FALSE(everything().find("count")->required);  // its default of 1 is inside its limits
  CHECK(everything().find("at")->instant);
  CHECK(everything().find("nickname")->optional);
  CHECK_FALSE(everything().find("nickname")->required);
  CHECK(everything().find("secret")->internal);
  CHECK(everything().find_shown("secret") == nullptr);
  CHECK(contract().state().find("gone")->tombstone);
  CHECK(contract().find_command("open")->parameters->find("ticket")->generated);
  CHECK(everything().find("colour")->enumeration->values == std::vector<std::string>{"red", "darkGreen", "blue"});
  CHECK(everything().home() == "tests/protocols/schema/fixtures/sample.capnp");
}

TEST_CASE("contract: a query names its answer") {
  const auto& query = contract_of(sample::find_samples{});
  CHECK(query.name() == "FindSamples");
  CHECK(query.doc() == "Samples by colour.");
  CHECK(query.scope() == "sample:read");
  CHECK(query.route().method == "GET");
  CHECK(query.route().path == "/api/samples");
  CHECK(query.parameters().name() == "FindSamples");
  CHECK(query.answer().name() == "SamplePage");
}

TEST_CASE("nearest: a slip of the finger finds the name that was meant") {
  const std::vector<std::string_view> known{"quantity", "sku", "unitPrice"};
  CHECK(schema::nearest_name("quantitiy", known) == "quantity");
  CHECK(schema::nearest_name("QUANTITY", known) == "quantity");
  CHECK(schema::nearest_name("unit_price", known) == "unitPrice");
  CHECK(schema::nearest_name("sk", known) == "sku");
  CHECK(schema::nearest_name("colour", known).empty());
  CHECK(schema::nearest_name(std::string(65, 'x'), known).empty());
}
