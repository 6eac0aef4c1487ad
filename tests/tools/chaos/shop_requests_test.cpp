#include "tools/chaos/shop_requests.hpp"

#include <doctest/doctest.h>

#include "protocols/schema/commerce/cart.hpp"

using namespace bv;
using namespace bv::chaos;

namespace {

const shop_requests language;

shop_request add_mug() {
  return language.command("customer-1", "ann", "cart/ann", "addItem", R"({"sku":"MUG-1","quantity":2})", "k-1");
}

heard hear(const shop_request& asked, unsigned status, const std::string& etag, const std::string& body) {
  return language.understand(asked.what, http_client::answer{status, etag, body});
}

}  // namespace

TEST_CASE("chaos requests: a command is the same over HTTP and for the checkers") {
  const auto made = add_mug();
  CHECK(made.wire.method == "POST");
  CHECK(made.wire.target == "/api/actors/cart/ann/addItem");
  CHECK(made.what.command_id == "http/ann/k-1");  // as the node stores it
  commerce::cart::command read;
  REQUIRE(decode(made.what.body, read));
  CHECK(std::get<commerce::cart::add_item>(read) == commerce::cart::add_item{"MUG-1", 2});
}

TEST_CASE("chaos requests: an id that the node makes up of the key is known before") {
  const auto made = language.command("c", "ann", "cart/ann", "checkout", "{}", "k-2");
  commerce::cart::command read;
  REQUIRE(decode(made.what.body, read));
  CHECK(std::get<commerce::cart::checkout>(read).order_id.size() == 32);
}

TEST_CASE("chaos requests: a receipt is an accepted command") {
  const auto told = hear(add_mug(), 200, "\"3\"", R"({"type":"cart","id":"ann","version":3,"events":["ecommerce.cart.item_added.v1"]})");
  CHECK(told.as == "200");
  REQUIRE(told.outcome);
  const auto& accepted = std::get<sim::operation::accepted>(*told.outcome);
  CHECK(accepted.version == 3);
  CHECK(accepted.events == std::vector<std::uint16_t>{0});
}

TEST_CASE("chaos requests: a state is seen as the model sees it") {
  const auto view = language.view("c", "ann", "cart/ann");
  const auto shown = hear(view, 200, "\"7-gzip\"",
                          R"({"lines":[{"sku":"MUG-1","name":"Mug","quantity":2,"unitPrice":{"minor":1250,"currency":"USD"}}],)"
                          R"("total":{"minor":2500,"currency":"USD"},"touchedAt":"2026-11-27T09:00:00Z","checkingOut":"o-1"})");
  REQUIRE(shown.outcome);
  const auto& seen = std::get<sim::operation::seen>(*shown.outcome);
  CHECK(seen.version == 7);
  commerce::cart::state read;
  REQUIRE(decode(seen.state, read));
  CHECK(read.checking_out == "o-1");
  REQUIRE(read.lines.size() == 1);
  CHECK(read.lines.front().quantity == 2);
}

TEST_CASE("chaos requests: an entity that nobody told anything is at version 0") {
  const auto none = hear(language.view("c", "ann", "cart/ann"), 404, "", R"({"code":"not_found"})");
  REQUIRE(none.outcome);
  CHECK(std::get<sim::operation::seen>(*none.outcome).version == 0);
}

TEST_CASE("chaos requests: a refusal stands, what is undecided is asked again") {
  const auto refused = hear(add_mug(), 409, "", R"({"code":"item_limit"})");
  REQUIRE(refused.outcome);
  CHECK(std::get<sim::operation::refused>(*refused.outcome).why.code == "item_limit");
  CHECK(refused.as == "409 item_limit");
  for (const unsigned status : {429u, 500u, 503u, 504u}) {
    const auto undecided = hear(add_mug(), status, "", R"({"code":"no_leader"})");
    CHECK(!undecided.outcome);
    CHECK(undecided.as == std::to_string(status) + " no_leader");
  }
  CHECK(language.understand(add_mug().what, failure(error_kind::timeout, "timeout", "")).as == "silence");
  CHECK(language.understand(add_mug().what, failure(error_kind::unavailable, "connect_failed", "")).as == "no connection");
  CHECK(language.understand(add_mug().what, failure(error_kind::unavailable, "no_answer", "")).as == "cut off");
}

TEST_CASE("chaos requests: an answer that makes no sense decides nothing") {
  for (const auto* nonsense : {"", "{}", R"({"version":"3","events":[]})", R"({"version":3,"events":["ecommerce.cart.no_such.v1"]})"}) {
    const auto told = hear(add_mug(), 200, "\"3\"", nonsense);
    CHECK(!told.outcome);
    CHECK(told.as == "200 not understood");
  }
  CHECK(!hear(add_mug(), 404, "", "<html>").outcome);
}
