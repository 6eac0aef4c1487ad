// Prints {"document": the OpenAPI document of all contracts, "instances": values that must, or must not, conform}.
#include <cstdio>
#include <string>
#include <vector>

#include "protocols/schema/commerce/cart.hpp"
#include "protocols/schema/commerce/inventory.hpp"
#include "protocols/schema/commerce/order.hpp"
#include "protocols/schema/commerce/orders_by_customer.hpp"
#include "protocols/schema/commerce/payment.hpp"
#include "protocols/schema/commerce/payments_by_customer.hpp"
#include "protocols/schema/commerce/product.hpp"
#include "protocols/schema/commerce/product_search.hpp"
#include "protocols/schema/commerce/stock_view.hpp"
#include "protocols/schema/envelope.hpp"
#include "protocols/schema/json.hpp"
#include "protocols/schema/openapi.hpp"
#include "tests/protocols/schema/fixtures/sample.hpp"

using namespace bv;
namespace sample = fixtures::sample;

namespace {

std::string instances;

void expect(const std::string& schema, const std::string& json, bool valid) {
  instances += (instances.empty() ? "" : ",") + std::string("{\"schema\":\"") + schema + "\",\"valid\":" +
               (valid ? "true" : "false") + ",\"value\":" + json + "}";
}

sample::everything everything() {
  sample::everything v;
  v.small = -300;
  v.huge = 1;
  v.exact = 0.25;
  v.note = "é\n\"";
  v.blob = std::string("\0\1\2", 3);
  v.at = {1'500'000'000};
  v.item = sample::item{"mug", {1, "EUR"}, sample::colour::dark_green};
  v.items.insert({"cup", {2, "USD"}, sample::colour::blue});
  v.words = {"a", ""};
  v.colours = {sample::colour::red};
  v.choice = sample::left{3};
  return v;
}

}  // namespace

int main() {
  const auto& contract = sample::contract::reflection();
  const auto state = schema::to_json(contract.state(), sample::encode(sample::state{everything(), false, "hidden"}));
  const auto key = entity_key::trusted("default", "sample", "s-1");
  const auto event = schema::event_json(contract, {.entity = key, .ordinal = 0, .at = {5}},
                                        sample::encode(sample::event(sample::stored{everything(), {5}})));
  if (!state || !event) return 1;
  const std::string name = "tests.protocols.schema.fixtures.sample.";
  expect(name + "State", *state, true);
  expect("testing.sample.stored.v1", *event, true);
  expect("Event", *event, true);
  expect("testing.sample.priced.v2", *event, false);
  expect("Receipt", schema::receipt_json(contract, key, 3, std::vector<std::uint16_t>{0, 1}), true);
  expect(name + "Item", R"({"sku":"mug","price":{"minor":1,"currency":"USD"}})", true);
  expect(name + "Item", R"({"price":{"minor":1,"currency":"USD"}})", false);
  expect(name + "Item", R"({"sku":"MUG","price":{"minor":1,"currency":"USD"}})", false);
  expect(name + "Choice", R"({"left":{"weight":1}})", true);
  expect(name + "Choice", R"({"left":{},"right":{}})", false);
  expect("commerce.cart.AddItem", R"({"sku":"MUG-1","quantity":2})", true);
  expect("commerce.cart.AddItem", R"({"sku":"MUG-1","quantity":11})", false);
  expect("commerce.cart.AddItem", R"({"sku":"MUG-1","quantity":1,"colour":"red"})", false);

  using namespace commerce;
  const std::vector<const schema::aggregate_contract*> aggregates{
      &contract, &cart::contract::reflection(), &inventory::contract::reflection(), &order::contract::reflection(),
      &payment::contract::reflection(), &product::contract::reflection()};
  const std::vector<const schema::query_contract*> queries{
      &contract_of(sample::find_samples{}), &contract_of(stock_view::list_stock{}),
      &contract_of(product_search::search_products{}), &contract_of(orders_by_customer::my_orders{}),
      &contract_of(orders_by_customer::list_orders{}), &contract_of(payments_by_customer::my_payments{})};
  const auto document = schema::openapi_document(aggregates, queries, {});
  std::printf("{\"document\":%s,\"instances\":[%s]}\n", document.c_str(), instances.c_str());
  return 0;
}
