#include "sim/run/client.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/world/shop_contracts.hpp"
#include "tests/sim/world/shop_in_world.hpp"

using namespace bv;
using namespace bv::sim;
using namespace bv::sim::testing;
using namespace std::chrono_literals;

namespace {

const std::string mugs = "inventory/MUG-1";
const ask_step fills{.entity = mugs, .command = "initialise", .body = R"({"productId":"p1","quantity":100})"};
const ask_step receives{.entity = mugs, .command = "receive", .body = R"({"quantity":5})"};

/// A node that serves, and clients of it.
struct clients_world {
  explicit clients_world(plan of = {}) : here(std::move(of)) { here.serve(); }

  result<std::unique_ptr<client>> try_make(client_script script) {
    return client::make(script, {here.what, here.world, here.log, contracts, history, violations});
  }
  client& start(std::vector<client_step> steps, const std::string& name = "ada", const std::string& user = {}) {
    auto made = try_make({.name = name, .user = user, .steps = std::move(steps)});
    const auto problem = made ? std::string() : describe(made.error());
    REQUIRE_MESSAGE(made.has_value(), problem);
    clients.push_back(*std::move(made));
    clients.back()->start();
    return *clients.back();
  }
  bool done() {
    return std::ranges::all_of(clients, [](const auto& one) { return one->done(); });
  }
  void run(duration at_most = 10min) { here.world.run_until(here.world.time().now() + at_most, [&] { return done(); }); }
  /// Commands of the shelf that had an effect so far. A refusal is remembered by a record without events.
  std::size_t effects() {
    return static_cast<std::size_t>(std::ranges::count_if(
        here.committed, [](const auto& one) { return one.entity.type_and_id() == mugs && !one.events.empty(); }));
  }
  network& net() { return here.world.net(); }
  void mend_after(duration time) {
    here.world.time().after(time, [this] { net().heal(); });
  }

  const std::vector<const schema::aggregate_contract*> contracts = shop_contracts();
  std::vector<operation> history;
  std::vector<violation> violations;
  shop_in_world here;
  std::vector<std::unique_ptr<client>> clients;
};

bool is_accepted(const operation& one) { return std::holds_alternative<operation::accepted>(one.outcome); }
bool is_unknown(const operation& one) { return std::holds_alternative<operation::unknown>(one.outcome); }

std::string code_of(const result<std::unique_ptr<client>>& made) { return made ? "none" : made.error().code; }

}  // namespace

TEST_CASE("client: it does one thing after the other, and writes down what it asked and heard") {
  clients_world world;
  const auto began = world.here.world.time().now();
  world.start({fills, receives, view_step{mugs}});
  world.run();
  REQUIRE(world.done());
  REQUIRE(world.history.size() == 3);
  const auto& [filled, received, viewed] = std::tie(world.history[0], world.history[1], world.history[2]);
  CHECK(filled.client == "ada");
  CHECK(filled.user == "ada");
  CHECK(filled.entity.type_and_id() == mugs);
  CHECK(filled.command == "initialise");
  CHECK(filled.invoked == began);
  CHECK(filled.returned > filled.invoked);
  CHECK(filled.attempts == 1);
  REQUIRE(is_accepted(filled));
  CHECK(std::get<operation::accepted>(filled.outcome).version == 1);
  CHECK(std::get<operation::accepted>(filled.outcome).events == std::vector<std::uint16_t>{0});
  CHECK(received.invoked >= filled.returned);
  CHECK(received.command_id != filled.command_id);
  CHECK(viewed.command.empty());
  CHECK(viewed.command_id.empty());
  REQUIRE(std::holds_alternative<operation::seen>(viewed.outcome));
  CHECK(std::get<operation::seen>(viewed.outcome).version == world.here.committed.back().version);
  CHECK(world.here.units("MUG-1") == 105);
  CHECK(world.violations.empty());
}

TEST_CASE("client: its commands are its user's, in the journal too") {
  clients_world world;
  world.start({fills}, "ada-phone", "ada");
  world.run();
  REQUIRE(world.history.size() == 1);
  CHECK(world.history.front().client == "ada-phone");
  CHECK(world.history.front().user == "ada");
  REQUIRE(world.here.committed.size() == 1);
  CHECK(world.here.committed.front().principal == "ada");
  CHECK(world.here.committed.front().command_id == hash128(world.history.front().command_id));
}

TEST_CASE("client: a request that is lost is sent again under the same id, until there is an answer") {
  plan what;
  what.clients_patience = {.answer_within = 1s, .pause = {100ms, 100ms}, .attempts_max = 50};
  clients_world world(what);
  world.net().set("clients", "n1", {.cut = true});
  world.mend_after(5s);
  world.start({fills});
  world.run();
  REQUIRE(world.history.size() == 1);
  CHECK(is_accepted(world.history.front()));
  CHECK(world.history.front().attempts == 6);  // at 0, 1.1, 2.2, 3.3, 4.4 and 5.5 s
  CHECK(world.effects() == 1);
}

TEST_CASE("client: an answer that is lost is asked for again, and the command acts once") {
  clients_world world;
  world.start({fills});
  world.run();
  world.net().set("n1", "clients", {.cut = true});
  world.mend_after(20s);
  world.start({receives}, "eve");
  world.run();
  REQUIRE(world.history.size() == 2);
  CHECK(is_accepted(world.history.back()));
  CHECK(world.history.back().attempts > 3);
  CHECK(world.effects() == 2);
  CHECK(world.here.units("MUG-1") == 105);
}

TEST_CASE("client: a node that is down refuses, and is asked again until it is back") {
  clients_world world;
  world.here.node().crash(unsynced::lost);
  world.here.world.time().after(10s, [&] { world.here.start(); });
  const auto began = world.here.world.time().now();
  world.start({fills});
  world.run();
  CHECK(is_accepted(world.history.front()));
  CHECK(world.history.front().attempts > 10);
  CHECK(world.history.front().returned - began >= 10s);
  CHECK(world.history.front().returned - began < 13s);
}

TEST_CASE("client: it gives up after so many attempts, not knowing what happened, and does nothing more") {
  plan what;
  what.clients_patience.attempts_max = 3;
  clients_world world(what);
  world.net().set("n1", "clients", {.cut = true});
  world.start({fills, receives});
  world.run();
  REQUIRE(world.done());
  REQUIRE(world.history.size() == 1);
  CHECK(is_unknown(world.history.front()));
  CHECK(world.history.front().attempts == 3);
  CHECK(world.history.front().returned == timestamp{});
  CHECK(world.effects() == 1);
}

TEST_CASE("client: a refusal that will stand is the end of it, unless the step may be refused") {
  for (const bool optional : {false, true}) {
    clients_world world;
    auto too_early = receives;
    too_early.optional = optional;
    world.start({too_early, fills});
    world.run();
    REQUIRE(world.done());
    REQUIRE(world.history.size() == (optional ? 2 : 1));
    const auto* const refused = std::get_if<operation::refused>(&world.history.front().outcome);
    REQUIRE(refused != nullptr);
    CHECK(refused->why.code == "sku_unknown");
    CHECK(world.history.front().attempts == 1);
    CHECK(world.history.front().returned > timestamp{});
    CHECK(world.effects() == (optional ? 1 : 0));
  }
}

TEST_CASE("client: an optional step that is given up is gone on from too") {
  plan what;
  what.clients_patience.attempts_max = 2;
  clients_world world(what);
  world.net().set("clients", "n1", {.cut = true});
  world.mend_after(5s);
  auto maybe = fills;
  maybe.optional = true;
  world.start({maybe, wait_step{10s}, fills});
  world.run();
  REQUIRE(world.history.size() == 2);
  CHECK(is_unknown(world.history.front()));
  CHECK(is_accepted(world.history.back()));
}

TEST_CASE("client: copies of a command have one id, one effect and one answer") {
  clients_world world;
  world.start({fills});
  world.run();
  auto thrice = receives;
  thrice.copies = 3;
  world.start({thrice, view_step{mugs}}, "eve");
  world.run();
  world.here.pass(10s);
  REQUIRE(world.history.size() == 3);
  CHECK(is_accepted(world.history[1]));
  CHECK(world.history[1].attempts == 1);
  CHECK(world.effects() == 2);
  CHECK(world.here.units("MUG-1") == 105);
  CHECK(world.violations.empty());
}

TEST_CASE("client: the same thing asked by two clients is two things") {
  clients_world world;
  world.start({fills});
  world.run();
  world.start({receives}, "eve");
  world.start({receives}, "bob");
  world.run();
  CHECK(world.here.units("MUG-1") == 110);
}

TEST_CASE("client: it waits as long as it is told") {
  clients_world world;
  world.start({fills, wait_step{1h}, receives});
  world.run(2h);
  REQUIRE(world.history.size() == 2);
  CHECK(world.history[1].invoked - world.history[0].returned == 1h);
}

TEST_CASE("client: it looks again and again until a field is as it wants it") {
  clients_world world;
  world.start({fills});
  world.run();
  world.start({await_step{.entity = mugs, .path = "available", .values = {"7", "105"}}, receives}, "eve");
  world.here.pass(10s);
  CHECK_FALSE(world.done());
  const auto looked = world.history.size();
  CHECK(looked > 10);
  world.start({receives}, "bob");
  world.run();
  REQUIRE(world.done());
  CHECK(world.here.units("MUG-1") == 110);
  CHECK(world.violations.empty());
}

TEST_CASE("client: it gives up looking in time, and only what is required fails the run") {
  for (const bool required : {false, true}) {
    clients_world world;
    const auto began = world.here.world.time().now();
    world.start({await_step{.entity = mugs, .path = "available", .values = {"7"}, .within = 30s, .required = required}, fills});
    world.run();
    REQUIRE(world.done());
    CHECK(world.here.world.time().now() - began >= 30s);
    CHECK(world.here.world.time().now() - began < 31s);
    CHECK(world.effects() == 0);
    REQUIRE(world.violations.size() == (required ? 1 : 0));
    if (required) CHECK(world.violations.front().invariant == "awaited");
    if (required) CHECK(world.violations.front().what == "client ada waited for inventory/MUG-1 available to be 7 in vain");
  }
}

TEST_CASE("client: a body may say what a server else makes up") {
  clients_world world;
  world.start({ask_step{.entity = "product/p1", .command = "create",
                        .body = R"({"sku":"MUG-1","name":"Mug","category":"kitchen","price":{"minor":1250,"currency":"USD"},)"
                                R"("initialStock":3})"},
               await_step{.entity = mugs, .path = "available", .values = {"3"}},
               ask_step{.entity = "cart/ada", .command = "addItem", .body = R"({"sku":"MUG-1","quantity":1})"},
               ask_step{.entity = "cart/ada", .command = "checkout", .body = R"({"orderId":"my-own-id"})"},
               await_step{.entity = "order/my-own-id", .path = "status", .values = {"paid", "cancelled"}, .required = true}});
  world.run();
  CHECK(world.done());
  CHECK(world.violations.empty());
}

TEST_CASE("client: a script that names what is not there is refused before anything begins") {
  clients_world world;
  const auto with = [&](client_step step) { return code_of(world.try_make({.name = "ada", .user = {}, .steps = {std::move(step)}})); };
  CHECK(with(ask_step{.entity = "spaceship/one", .command = "launch"}) == "plan_entity_unknown");
  CHECK(with(ask_step{.entity = "inventory", .command = "receive"}) == "plan_entity_unknown");
  CHECK(with(view_step{.entity = "spaceship/one"}) == "plan_entity_unknown");
  CHECK(with(await_step{.entity = "spaceship/one"}) == "plan_entity_unknown");
  CHECK(with(ask_step{.entity = mugs, .command = "launch"}) == "plan_command_unknown");
  CHECK(with(ask_step{.entity = "inventory/no spaces", .command = "receive", .body = R"({"quantity":5})"}) != "none");
  CHECK(with(ask_step{.entity = mugs, .command = "receive", .body = R"({"quantity":"many"})"}) != "none");
  CHECK(with(ask_step{.entity = mugs, .command = "receive", .body = "{"}) != "none");
  CHECK(code_of(world.try_make({.name = "ada", .user = {}, .node = 1, .steps = {fills}})) == "plan_node_unknown");
  CHECK(with(fills) == "none");
  CHECK(world.history.empty());
}
