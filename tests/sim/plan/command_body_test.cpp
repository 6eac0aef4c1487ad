#include "sim/plan/command_body.hpp"

#include <doctest/doctest.h>

#include "protocols/schema/commerce/cart.hpp"

using namespace bv::sim;
namespace cart = bv::commerce::cart;

namespace {

bv::result<cart::command> command_of(const std::string& name, const std::string& body) {
  const auto& contract = cart::contract::reflection();
  const auto* command = contract.find_command(name);
  REQUIRE(command != nullptr);
  BV_ASSIGN(const auto encoded, encode_command(contract, *command, body));
  cart::command decoded;
  BV_TRY(decode(encoded, decoded));
  return decoded;
}

}  // namespace

TEST_CASE("command body: a body may name what a server would make up") {
  const auto made = command_of("checkout", R"({"orderId": "o-1"})");
  if (!made) FAIL(bv::describe(made.error()));
  CHECK(std::get<cart::checkout>(*made).order_id == "o-1");
}

TEST_CASE("command body: what is left out has the contract's default") {
  const auto made = command_of("addItem", R"({"sku": "MUG"})");
  if (!made) FAIL(bv::describe(made.error()));
  CHECK(std::get<cart::add_item>(*made).sku == "MUG");
  CHECK(std::get<cart::add_item>(*made).quantity == 1);
}

TEST_CASE("command body: limits hold for what is made up, too") {
  CHECK(command_of("checkout", R"({"orderId": "a b"})").error().code == "pattern_mismatch");
  CHECK(command_of("checkout", R"({"orderId": "o-1", "more": 1})").error().code == "unknown_field");
  CHECK(command_of("checkout", "[]").error().code == "malformed_json");
  CHECK(command_of("checkout", R"({"orderId": null})").error().code == "wrong_type");
}
