#include "sim/record/node_source.hpp"

#include <map>

#include "protocols/schema/envelope.hpp"
#include "protocols/schema/json.hpp"
#include "sim/world/shop_contracts.hpp"
#include "tests/sim/record/told.hpp"

using namespace bv;
using namespace bv::sim;
using namespace bv::sim::testing;

namespace {

constexpr const char* cluster = "/api/cluster";

/// A node that answers from what was told.
class fake_node {
 public:
  explicit fake_node(told_source& told) : told_(told) { pages[cluster] = {200, "", R"({"nodes":[],"shards":[]})"}; }

  std::map<std::string, node_answer> pages;  ///< answers that are fixed
  std::vector<std::string> asked;

  node_getter getter() {
    return [this](const std::string& target) -> result<node_answer> {
      asked.push_back(target);
      if (const auto fixed = pages.find(target); fixed != pages.end()) return fixed->second;
      return history(target);
    };
  }
  std::unique_ptr<event_source> open() {
    auto opened = open_node_source(getter(), shop_contracts());
    REQUIRE(opened);
    return *std::move(opened);
  }

 private:
  /// /api/actors/TYPE/ID/events?after=N&limit=M
  node_answer history(const std::string& target) {
    const std::string actors = "/api/actors/", events = "/events?after=", limit = "&limit=";
    const auto end = target.find(events);
    const auto entity = target.substr(actors.size(), end - actors.size());
    const auto after = std::stoul(target.substr(end + events.size()));
    const auto most = std::stoul(target.substr(target.find(limit) + limit.size()));
    const auto& all = told_.events[entity];
    if (all.empty()) return {404, "", R"({"code":"not_found"})"};
    const auto key = entity_key::trusted("default", entity.substr(0, entity.find('/')), entity.substr(entity.find('/') + 1));
    std::string items;
    std::size_t count = 0;
    for (auto i = after; i < all.size() && count < most; ++i, ++count)
      items += (count > 0 ? "," : "") + envelope(key, all[i]);
    return {200, "", "{\"items\":[" + items + "]" + (count == most ? ",\"nextAfter\":" + std::to_string(after + count) : "") + "}"};
  }
  static std::string envelope(const entity_key& key, const recorded_event& event) {
    for (const auto* contract : shop_contracts())
      if (contract->name() == key.type())
        for (const auto& type : contract->events()) {
          const auto made = schema::event_json(*contract, {0, 1, key, type.ordinal, event.at, "", "", "node"}, event.payload);
          if (made) return *made;
        }
    FAIL("an event of no contract");
    return {};
  }

  told_source& told_;
};

}  // namespace

TEST_CASE("node source: what a node says in JSON is what its journal holds") {
  adas_order told;
  told.reserve(2100ms);
  told.attempt_failed(2200ms, 1, "timeout", 200ms);
  told.complete(2300ms, 2400ms);
  fake_node node(told);
  const auto source = node.open();
  for (const auto* name : {"saga/checkout-o-1", "order/o-1", "payment/o-1", "cart/ada", "inventory/MUG"}) {
    const std::string text = name;
    CAPTURE(text);
    const auto key = entity_key::trusted("default", text.substr(0, text.find('/')), text.substr(text.find('/') + 1));
    const auto read = source->history(key, 0);
    REQUIRE(read);
    const auto& kept = told.events[name];
    REQUIRE_EQ(read->size(), kept.size());
    for (std::size_t i = 0; i < kept.size(); ++i) {
      CHECK_EQ((*read)[i].version, kept[i].version);
      CHECK_EQ((*read)[i].at, kept[i].at);
      CHECK((*read)[i].payload == kept[i].payload);
    }
  }
}

TEST_CASE("node source: long histories come in pages, and from a version on") {
  told_source told;
  for (int i = 0; i < 2500; ++i) told.tell<inventory::contract>("MUG", std::chrono::seconds{i}, inventory::received{1, {}, morning});
  fake_node node(told);
  const auto source = node.open();
  const auto key = entity_key::trusted("default", "inventory", "MUG");
  const auto all = source->history(key, 0);
  REQUIRE(all);
  CHECK_EQ(all->size(), 2500);
  CHECK_EQ(all->back().version, 2500);
  CHECK_EQ(node.asked.size(), 4);  // the first is whether it is a node
  const auto some = source->history(key, 2400);
  REQUIRE(some);
  CHECK_EQ(some->size(), 100);
  CHECK_EQ(some->front().version, 2401);
  const auto none = source->history(entity_key::trusted("default", "inventory", "PEN"), 0);
  REQUIRE(none);
  CHECK(none->empty());
}

TEST_CASE("node source: a state comes with its version") {
  told_source told;
  fake_node node(told);
  node.pages["/api/actors/inventory/MUG"] = {200, "\"17\"", R"({"sku":"MUG","available":8})"};
  node.pages["/api/actors/inventory/PEN"] = {404, "", ""};
  node.pages["/api/actors/inventory/CUP"] = {200, "", "{}"};
  const auto source = node.open();
  const auto state_of = [&](const char* sku) { return source->known_state(entity_key::trusted("default", "inventory", sku)); };
  const auto found = state_of("MUG");
  REQUIRE(found);
  REQUIRE(*found);
  CHECK_EQ((*found)->version, 17);
  inventory::state state;
  REQUIRE(inventory::contract::decode((*found)->state, state));
  CHECK_EQ(state.available, 8);
  const auto missing = state_of("PEN");
  REQUIRE(missing);
  CHECK_FALSE(*missing);
  REQUIRE_FALSE(state_of("CUP"));
  CHECK_EQ(state_of("CUP").error().code, "not_a_node");
}

TEST_CASE("node source: somebody else's server is no node") {
  told_source told;
  fake_node node(told);
  for (const auto& answer : {node_answer{404, "", "<html>"}, node_answer{200, "", "<html>"}, node_answer{200, "", "[]"}, node_answer{200, "", "{}"}}) {
    node.pages[cluster] = answer;
    const auto opened = open_node_source(node.getter(), shop_contracts());
    REQUIRE_FALSE(opened);
    CHECK_EQ(opened.error().code, "not_a_node");
  }
  const auto silent = open_node_source([](const std::string&) -> result<node_answer> { return failure(error_kind::timeout, "timeout", ""); }, shop_contracts());
  REQUIRE_FALSE(silent);
  CHECK_EQ(silent.error().code, "timeout");
}

TEST_CASE("node source: a refusal is told in the node's words") {
  told_source told;
  fake_node node(told);
  const auto source = node.open();
  const std::string target = "/api/actors/order/o-1/events?after=0&limit=1000";
  const auto key = entity_key::trusted("default", "order", "o-1");
  const auto said_to = [&](node_answer answer) {
    node.pages[target] = std::move(answer);
    const auto read = source->history(key, 0);
    REQUIRE_FALSE(read);
    return read.error().code + ": " + read.error().message;
  };
  CHECK_EQ(said_to({503, "", R"({"code":"not_ready","detail":"it starts"})"}),
           "node_refused: the node answers 503 to GET " + target + ": not_ready, it starts");
  CHECK(said_to({413, "", R"({"code":"history_too_long"})"}).find("--data-dir") != std::string::npos);
  CHECK(said_to({500, "", "oops"}).find("answers 500") != std::string::npos);
  CHECK(said_to({200, "", "{}"}).find("not_a_node") == 0);
  CHECK(said_to({200, "", R"({"items":[{}]})"}).find("not_a_node") == 0);
  CHECK(said_to({200, "", R"({"items":[{"eventType":"ecommerce.order.sung.v1","payload":{}}]})"}).find("event_unknown") == 0);
}

TEST_CASE("node source: offers the sagas that the node lists") {
  told_source told;
  fake_node node(told);
  node.pages["/api/sagas?limit=100"] = {200, "", R"({"items":[{"id":"checkout-o-1"},{"id":"checkout-o-2"}]})"};
  const auto like = node.open()->sagas_like("checkout-o-3");
  REQUIRE(like);
  CHECK(*like == std::vector<std::string>{"checkout-o-1", "checkout-o-2"});
}
