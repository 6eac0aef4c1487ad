// Whether the checkers, which were made for the simulator, find on histories of HTTP clients what they must find: what clients heard is
// given as the answers that a node sends, what is on the disk as its records.
#include "tools/chaos/judgement.hpp"

#include <doctest/doctest.h>

#include "sim/observe/breach.hpp"
#include "tests/sim/checkers/history.hpp"
#include "tools/chaos/shop_requests.hpp"

using namespace bv;
using namespace bv::chaos;
namespace cart = bv::commerce::cart;
namespace inventory = bv::commerce::inventory;

namespace {

using sim::testing::mugs;

class shop_day {
 public:
  /// Somebody's command, its answer, and the record of it, unless it has none.
  sim::operation& add_mug(const std::string& key, std::uint32_t then, bool recorded = true) {
    auto made = language_.command("customer-1", "ann", "cart/ann", "addItem", R"({"sku":"MUG","quantity":1})", key);
    auto& asked = heard_at(std::move(made), R"({"type":"cart","id":"ann","version":)" + std::to_string(then) +
                                                R"(,"events":["ecommerce.cart.item_added.v1"]})", "\"" + std::to_string(then) + "\"");
    if (recorded) disk_.log<cart::contract>("ann", {cart::item_added{mugs(then), 1, disk_.now()}}, asked.command_id);
    asked.returned = disk_.now() + std::chrono::milliseconds(1);
    disk_.pass(std::chrono::milliseconds(2));
    return asked;
  }
  sim::operation& look(std::uint64_t version, std::uint32_t quantity) {
    auto& asked = heard_at(language_.view("customer-2", "bob", "cart/ann"),
                           version == 0 ? "{}" : R"({"lines":[{"sku":"MUG","name":"Mug","quantity":)" + std::to_string(quantity) +
                                                     R"(,"unitPrice":{"minor":1250,"currency":"USD"}}]})",
                           "\"" + std::to_string(version) + "\"");
    disk_.pass(std::chrono::milliseconds(1));
    asked.returned = disk_.now();
    return asked;
  }

  sim::testing::history& disk() { return disk_; }
  std::vector<sim::violation> judged() {
    for (auto& one : disk_.seen.records) one.wake_after = disk_.now() + std::chrono::hours(1);
    return judge({.history = history_, .shards = 16, .nodes = 3, .ended = disk_.now(), .breaches = breaches_},
                 {.records = disk_.seen.records, .read_models = read_models_});
  }
  [[nodiscard]] std::string broken() {
    std::string names;
    for (const auto& one : judged()) names += one.invariant + ": " + one.what + "\n";
    return names;
  }
  std::vector<sim::operation> history_;
  std::vector<sim::violation> breaches_;
  std::vector<sim::observations::read_model> read_models_;

 private:
  sim::operation& heard_at(shop_request made, const std::string& body, const std::string& etag) {
    auto said = language_.understand(made.what, http_client::answer{200, etag, body});
    REQUIRE(said.outcome);
    made.what.outcome = *std::move(said.outcome);
    made.what.invoked = disk_.now();
    history_.push_back(std::move(made.what));
    return history_.back();
  }

  const shop_requests language_;
  sim::testing::history disk_;
};

bool has(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

}  // namespace

TEST_CASE("chaos judgement: a day on which nothing went wrong passes") {
  shop_day day;
  day.look(0, 0);
  day.add_mug("k1", 1);
  day.look(1, 1);
  day.add_mug("k2", 2);
  day.look(2, 2);
  CHECK(day.broken() == "");
}

TEST_CASE("chaos judgement: a command that was accepted and is on no disk") {
  shop_day day;
  day.add_mug("k1", 1);
  day.add_mug("k2", 2, false);
  CHECK(has(day.broken(), "acknowledged_once: customer-1's addItem of n1 cart/ann (http/ann/k2) was accepted as version 2"));
}

TEST_CASE("chaos judgement: a command that was applied twice") {
  shop_day day;
  day.add_mug("k1", 1);
  day.disk().log<cart::contract>("ann", {cart::item_added{mugs(2), 1, day.disk().now()}}, "http/ann/k1");
  CHECK(has(day.broken(), "acknowledged_once: n1 cart/ann at version 2: command id"));
}

TEST_CASE("chaos judgement: one that was applied twice and lost its id on the way") {
  shop_day day;
  day.add_mug("k1", 1);
  day.disk().log<cart::contract>("ann", {cart::item_added{mugs(2), 1, day.disk().now()}});
  // Somebody who is not in the history may have done that; but then whoever asks next must see it.
  day.disk().pass(std::chrono::milliseconds(5));
  day.look(1, 1);
  CHECK(has(day.broken(), "linearizable:"));
}

TEST_CASE("chaos judgement: a view of the past") {
  shop_day day;
  day.add_mug("k1", 1);
  day.add_mug("k2", 2);
  day.look(1, 1);
  CHECK(has(day.broken(), "linearizable: n1 cart/ann: in no order of its 3 operations"));
}

TEST_CASE("chaos judgement: two commands that are on the disk in the other order than they were answered in") {
  shop_day day;
  day.add_mug("k1", 1);
  day.add_mug("k2", 2);
  std::swap(day.history_[0].outcome, day.history_[1].outcome);
  std::swap(day.disk().seen.records[0].command_id, day.disk().seen.records[1].command_id);
  CHECK(has(day.broken(), "linearizable:"));
}

TEST_CASE("chaos judgement: an answer that is not what is on the disk") {
  shop_day day;
  day.add_mug("k1", 1).outcome = sim::operation::accepted{1, {0, 0}};
  CHECK(has(day.broken(), "acknowledged_once:"));
}

TEST_CASE("chaos judgement: goods that were promised twice") {
  shop_day day;
  auto& h = day.disk();
  h.log<inventory::contract>("MUG", {inventory::initialised{"MUG", "P1", 3, h.now()}});
  h.log<inventory::contract>("MUG", {inventory::reserved{"r1", 2, h.now() + std::chrono::hours(1)}});
  h.log<inventory::contract>("MUG", {inventory::reserved{"r2", 2, h.now() + std::chrono::hours(1)}});
  CHECK(has(day.broken(), "never_oversold: n1 inventory/MUG at version 3: 4 reserved"));
}

TEST_CASE("chaos judgement: what the nodes' disks disagree about, and read models that differ") {
  shop_day day;
  day.breaches_.push_back({std::string(sim::breach::replicas_agree), "n2 shard 3 batch 7 is another one than n1's", {}});
  day.read_models_.push_back({1, "stock_view", {{"MUG", "2"}}, {{"MUG", "3"}}});
  const auto broken = day.broken();
  CHECK(has(broken, "replicas_agree: n2 shard 3 batch 7"));
  CHECK(has(broken, "read_models_follow: n2 stock_view: row MUG"));
}
