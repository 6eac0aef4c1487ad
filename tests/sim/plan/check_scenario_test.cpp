// covers: sim/plan/contract_names.cpp
#include "sim/plan/check_scenario.hpp"

#include <doctest/doctest.h>

#include "tests/sim/plan/shop.hpp"

using namespace bv::sim;
using namespace std::chrono_literals;

namespace {

/// The one thing that is wrong with a plan, in one line.
std::string only_wrong(const plan& what) {
  const auto found = check_scenario(what, shop());
  REQUIRE(found.size() == 1);
  CHECK(found.front().kind == bv::error_kind::invalid);
  return bv::describe(found.front());
}

std::string wrong_step(client_step step) {
  plan what;
  what.clients = {{"ada", "", {}, 0, {wait_step{1s}, std::move(step)}}};
  return only_wrong(what);
}

std::string wrong_ask(std::string entity, std::string command, std::string body) {
  return wrong_step(ask_step{std::move(entity), std::move(command), std::move(body), 1, false});
}

std::string wrong_fault(fault which) {
  plan what;
  what.faults = {std::move(which)};
  return only_wrong(what);
}

fault crash_on(std::string event, std::string field = {}, std::string value = {}) {
  return {{.on_event = trigger::event_match{std::move(event), "", std::move(field), std::move(value), 1}}, 0, crash_fault{}};
}

}  // namespace

TEST_CASE("check: a plan that the shop can follow is left in peace") {
  plan what;
  what.where.nodes = 2;
  what.clocks = {{}, {1s, 0}};
  what.shelves = {{"MUG", 1, 1000}};
  what.clients = {{"ada", "", {}, 1,
                   {ask_step{"cart/ada", "addItem", R"({"sku": "MUG"})", 2, true},
                    ask_step{"cart/ada", "checkout", R"({"orderId": "o-1"})", 1, false}, view_step{"order/o-1"},
                    await_step{"order/o-1", "status", {"paid", "cancelled"}, 1s, false},
                    await_step{"order/o-1", "lines.0.unitPrice.minor", {"-5"}, 1s, false},
                    await_step{"cart/ada", "lines", {"[]"}, 1s, false},
                    await_step{"inventory/MUG", "low", {"true"}, 1s, false},
                    await_step{"saga/checkout-o-1", "steps.2.status", {"done"}, 1s, false}, wait_step{1s}}}};
  what.faults = {crash_on("saga.stepDone", "step", "0"),
                 crash_on("order.placed"),
                 crash_on("order.placed", "total.minor", "1250"),
                 {{.at = 1s}, 0, link_fault{"clients", "n2", false, {}, 1s}},
                 {{.at = 1s}, 0, link_fault{"n1", "processor", false, {}, 1s}},
                 {{.at = 1s}, 0, command_fault{{"order/o-1", "cancel", R"({"reason": "x"})", 1, false}}}};
  what.expectations = {{"payment/o-1", "status", {"captured"}}};
  for (const auto& wrong : check_scenario(what, shop())) FAIL(bv::describe(wrong));
}

TEST_CASE("check: an entity is of a type that there is, and well named") {
  CHECK(wrong_step(view_step{"crat/ada"}) ==
        "plan_entity: there is no aggregate \"crat\"; there are cart, inventory, order, payment, product, saga, cluster (client ada, step 2)");
  CHECK(wrong_step(view_step{"ordr/1"}).find("did you mean \"order\"?") != std::string::npos);
  CHECK(wrong_step(view_step{"ada"}).find("type/id, as \"cart/ada\"") != std::string::npos);
  CHECK(wrong_step(view_step{"cart/a da"}).starts_with("plan_entity: \"cart/a da\": "));
}

TEST_CASE("check: a command is one that there is, and that clients may send") {
  CHECK(wrong_ask("cart/ada", "addItm", "{}").find("cart has no command \"addItm\"; did you mean \"addItem\"?") !=
        std::string::npos);
  CHECK(wrong_ask("order/o-1", "cancel", R"({"reason": "x"})").find("cancel is internal") != std::string::npos);
}

TEST_CASE("check: a body is one that the contract takes") {
  CHECK(wrong_ask("cart/ada", "addItem", R"({"skuu": "MUG"})").starts_with("unknown_field: "));
  CHECK(wrong_ask("cart/ada", "addItem", R"({"sku": "MUG", "quantity": 11})").find("(client ada, step 2, ") !=
        std::string::npos);
  CHECK(wrong_ask("cart/ada", "addItem", "{").find("malformed_json") == 0);
  CHECK(wrong_ask("cart/ada", "checkout", "{").find("malformed_json") == 0);
  CHECK(wrong_ask("cart/ada", "checkout", R"({"orderId": 3})").find("wrong_type") == 0);
}

TEST_CASE("check: what is awaited is a field, and a value that it can have") {
  const auto awaiting = [](std::string path, std::string value) {
    return wrong_step(await_step{"order/o-1", std::move(path), {std::move(value)}, 1s, false});
  };
  CHECK(awaiting("statsu", "paid").find("State has no field \"statsu\"; did you mean \"status\"?") != std::string::npos);
  CHECK(awaiting("status", "refundd").find("Status has no value \"refundd\"; did you mean \"refunded\"?") != std::string::npos);
  CHECK(awaiting("status.x", "paid").find("has no fields in it") != std::string::npos);
  CHECK(awaiting("total", "5").find("say which, as \"total.minor\"") != std::string::npos);
  CHECK(awaiting("total.minor", "5.5").find("no whole number") != std::string::npos);
  CHECK(awaiting("lines.sku", "MUG").find("say which element, as \"lines.0\"") != std::string::npos);
  CHECK(awaiting("lines", "3").find("only \"[]\"") != std::string::npos);
  CHECK(wrong_step(await_step{"inventory/MUG", "low", {"yes"}, 1s, false}).find("neither true nor false") != std::string::npos);
  CHECK(wrong_step(await_step{"inventory/MUG", "reservations.0.id", {"x"}, 1s, false}).find("has no field") != std::string::npos);
  CHECK(wrong_step(await_step{"order/o-1", "status", {}, 1s, false}).find("no value is named") != std::string::npos);
}

TEST_CASE("check: an expectation is about a field that there is") {
  plan what;
  what.expectations = {{"order/o-1", "status", {"paid"}}, {"order/o-1", "state", {"paid"}}};
  CHECK(only_wrong(what).find("(expectation 2)") != std::string::npos);
}

TEST_CASE("check: a trigger's event is one that there is") {
  CHECK(wrong_fault(crash_on("order.place")).find("order has no event \"place\"; did you mean \"placed\"?") != std::string::npos);
  CHECK(wrong_fault(crash_on("placed")).find("aggregate.event") != std::string::npos);
  CHECK(wrong_fault(crash_on("odrer.placed")).find("there is no aggregate") != std::string::npos);
  CHECK(wrong_fault(crash_on("order.placed", "custmer", "ada")).find("did you mean \"customer\"?") != std::string::npos);
  CHECK(wrong_fault(crash_on("saga.stepDone", "step", "first")).find("no whole number") != std::string::npos);
  CHECK(wrong_fault(crash_on("saga.stepDone", "step", "first")).find("(fault 1 (crash))") != std::string::npos);
}

TEST_CASE("check: a fault has one trigger") {
  CHECK(wrong_fault({{}, 0, crash_fault{}}).find("this one has 0") != std::string::npos);
  CHECK(wrong_fault({{.at = 1s, .on_write = trigger::journal_write{}}, 0, crash_fault{}}).find("this one has 2") !=
        std::string::npos);
}

TEST_CASE("check: nodes and ends of links are there") {
  CHECK(wrong_fault({{.at = 1s}, 1, crash_fault{}}).find("there is no node n2; the last is n1") != std::string::npos);
  CHECK(wrong_fault({{.at = 1s}, 0, link_fault{"clients", "n2", false, {}, 1s}}).find("not at \"n2\"") != std::string::npos);
  CHECK(wrong_fault({{.at = 1s}, 0, link_fault{"n1", "n1", false, {}, 1s}}).find("two different ends") != std::string::npos);
  CHECK(wrong_fault({{.at = 1s}, the_leader, crash_fault{}}).find("set replicas") != std::string::npos);
  CHECK(wrong_fault({{.at = 1s}, 0, link_fault{"leader", "n1", false, {}, 1s}}).find("set replicas") != std::string::npos);
  plan cluster;
  cluster.where = {.nodes = 3, .replicas = 3};
  cluster.faults = {{{.at = 1s}, 0, link_fault{"clients", "others", false, {}, 1s}}};
  CHECK(only_wrong(cluster).find("\"others\" are all nodes but") != std::string::npos);
  plan what;
  what.clients = {{"ada", "", {}, 3, {}}};
  CHECK(only_wrong(what).find("there is no node n4") != std::string::npos);
  what = {};
  what.clocks = {{}, {1s, 0}};
  CHECK(only_wrong(what).find("(world)") != std::string::npos);
}

TEST_CASE("check: names are used once, and SKUs name inventories") {
  plan what;
  what.clients = {{"ada", "", {}, 0, {}}, {"ada", "ben", {}, 0, {}}};
  CHECK(only_wrong(what).find("two clients have the name \"ada\"") != std::string::npos);
  what = {};
  what.shelves = {{"MUG", 1, 1000}, {"MUG", 2, 1000}};
  CHECK(only_wrong(what).find("two shelves have the SKU \"MUG\"") != std::string::npos);
  what = {};
  what.shelves = {{"a mug", 1, 1000}};
  CHECK(only_wrong(what).find("(shelf a mug)") != std::string::npos);
}

TEST_CASE("check: a seed that no file can hold is refused") {
  plan what;
  what.processor.seed = std::uint64_t{1} << 63;
  CHECK(only_wrong(what).find("plan_seed") == 0);
}
