// The whole shop on the real runtime: a scheduler by hand, a disk in memory, time that is told. Nothing runs but what
// run() runs.
// covers: sagas/engine/application.cpp
#include "sagas/commerce/commerce_domain.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <set>

#include "protocols/schema/commerce/cart.hpp"
#include "protocols/schema/commerce/inventory.hpp"
#include "protocols/schema/commerce/order.hpp"
#include "protocols/schema/commerce/product.hpp"
#include "protocols/schema/contract.hpp"
#include "sim/world/actor_turns.hpp"
#include "storage/memory_store.hpp"

using namespace bv;
using namespace std::chrono_literals;

namespace {

namespace cart = commerce::cart;
namespace inventory = commerce::inventory;
namespace order = commerce::order;
namespace product = commerce::product;

class told_clock final : public runtime::clock {
 public:
  timestamp now() const override { return now_; }
  void advance(duration by) { now_ = now_ + by; }

 private:
  timestamp now_ = timestamp{} + std::chrono::hours{24 * 365 * 50};
};

/// The mock answers at once: nothing is ever timed but its deadlines, which don't come.
class no_timer final : public sagas::timer {
 public:
  void after(duration, std::function<void()>) override {}
};

struct shop {
  shop() : application(domains(), [](const runtime::note&) {}), disk(4) {
    store = *storage::open_memory_store(disk);
    runtime::node_options options{.shards = 4, .seed = 1, .bounds = {}, .aggregates = {}, .projections = {}, .handlers = {},
                                  .notes = [](const runtime::note&) {}};
    application.register_with(options);
    node.emplace(actors.system(), store, time, std::move(options));
    bool ready = false;
    node->start([&](const result<void>& outcome) { ready = outcome.has_value(); });
    run();
    REQUIRE(ready);
  }
  ~shop() {
    bool stopped = false;
    node->stop([&] { stopped = true; });
    run();
    CHECK(stopped);
  }

  std::vector<sagas::domain> domains() {
    std::vector<sagas::domain> all;
    all.push_back(commerce_sagas::commerce_domain({.approve_percent = 100}, time, later));
    return all;
  }

  void run() {
    while (actors.run_one()) {
    }
  }
  void advance(duration by) {
    time.advance(by);
    actors.pass_to(passed += by);
    run();
  }

  template <class Contract, class Command>
  void tell(const std::string& id, Command command) {
    std::optional<result<runtime::receipt>> answer;
    node->entities().ask({.entity = key<Contract>(id),
                          .command = Contract::encode(typename Contract::command_type(std::move(command))),
                          .command_id = {},
                          .from = {.principal = id, .trace = {}, .correlation = {}},
                          .deadline = {},
                          .expected_version = {}},
                         [&](result<runtime::receipt> got) { answer = std::move(got); });
    run();
    REQUIRE(answer.has_value());
    const auto said = *answer ? std::string() : describe((*answer).error());
    REQUIRE_MESSAGE(said.empty(), said);
    advance(10ms);  // the read models rest between two turns
  }
  template <class Contract>
  typename Contract::state_type look(const std::string& id) {
    std::optional<result<runtime::entity_view>> seen;
    node->entities().view({.entity = key<Contract>(id)}, [&](result<runtime::entity_view> got) { seen = std::move(got); });
    run();
    typename Contract::state_type state;
    REQUIRE(seen.has_value());
    REQUIRE(seen->has_value());
    REQUIRE(Contract::decode((*seen)->state, state));
    return state;
  }
  template <class Contract>
  static entity_key key(const std::string& id) {
    return entity_key::trusted(entity_key::default_tenant, Contract::reflection().name(), id);
  }

  told_clock time;
  no_timer later;
  sagas::application application;
  storage::memory_disk disk;
  sim::actor_turns actors{1, false};
  duration passed{};
  storage::store store;
  std::optional<runtime::node> node;
};

}  // namespace

TEST_CASE("application: hosts the aggregates of its domains and the sagas") {
  const shop here;
  std::set<std::string> types;
  for (const auto* contract : here.application.contracts()) types.insert(contract->name());
  CHECK(types == std::set<std::string>{"cart", "inventory", "order", "payment", "product", "saga"});
  std::set<std::string> followed;
  for (const auto& one : here.node->metrics().projections) followed.insert(one.name);
  CHECK(followed.contains("stock_view"));
  CHECK(followed.contains("saga_list"));
  REQUIRE(here.node->metrics().subscriptions.size() == 1);
  CHECK(here.node->metrics().subscriptions.front().name == "commerce");
  CHECK_FALSE(here.application.queries([&](std::string_view name) { return here.node->projection_of(name); }).empty());
}

TEST_CASE("shop: a cart that is checked out becomes a paid order, on the real runtime") {
  shop here;
  here.tell<product::contract>("p1", product::create{.sku = "MUG-1", .name = "Mug", .category = "kitchen",
                                                     .price = {1250, "USD"}, .initial_stock = 10});
  here.tell<cart::contract>("ada", cart::add_item{.sku = "MUG-1", .quantity = 2});
  here.tell<cart::contract>("ada", cart::checkout{"o1"});
  here.advance(2s);
  CHECK(here.look<order::contract>("o1").status == order::status::paid);
  const auto shelf = here.look<inventory::contract>("MUG-1");
  CHECK(shelf.available == 8);
  CHECK(shelf.reserved == 0);
  CHECK(shelf.sold == 2);
  CHECK(here.look<cart::contract>("ada").lines.empty());
  CHECK(here.application.engine().measured.completed.value() == 1);
}
