#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "protocols/schema/commerce/inventory.hpp"
#include "sim/world/world.hpp"
#include "tests/storage/worlds.hpp"

namespace bv::sim::testing {

/// A world whose nodes' shelves a test fills and looks at, past the network.
class shop_in_world {
 public:
  explicit shop_in_world(plan of = {})
      : what(std::move(of)),
        world(what, log, folder.path,
              {.committed =
                   [this](observed_record record) {
                     if (on_record) on_record(record);
                     committed.push_back(std::move(record));
                   },
               .write_begun = [this](std::uint16_t node, std::uint64_t number) {
                 if (on_write) on_write(node, number);
               }}) {}

  [[nodiscard]] sim_node& node(std::size_t number = 0) { return *world.nodes().at(number); }
  void start(std::size_t number = 0) {
    const auto started = node(number).start();
    const auto problem = started ? std::string() : describe(started.error());
    REQUIRE_MESSAGE(started.has_value(), problem);
  }
  /// Starts, and until it serves.
  void serve(std::size_t number = 0) {
    start(number);
    REQUIRE(world.run_until(world.time().now() + std::chrono::minutes{1}, [&] { return node(number).serving(); }));
  }
  void pass(duration time) { world.run_until(world.time().now() + time); }

  using receipt = std::shared_ptr<std::optional<result<runtime::receipt>>>;
  receipt tell(const std::string& sku, const commerce::inventory::command& what, const std::string& id = {},
               std::size_t number = 0) {
    auto place = std::make_shared<std::optional<result<runtime::receipt>>>();
    node(number).ask({.entity = shelf(sku), .command = commerce::inventory::contract::encode(what), .command_id = id,
                      .from = {}, .deadline = {}, .expected_version = {}},
                     [place](result<runtime::receipt> said) { *place = std::move(said); });
    return place;
  }
  receipt fill(const std::string& sku, std::uint32_t units, std::size_t number = 0) {
    return tell(sku, commerce::inventory::initialise{"product-" + sku, units}, "fill " + sku, number);
  }
  /// Units on the shelf; nothing if there is no such shelf.
  std::optional<std::int64_t> units(const std::string& sku, std::size_t number = 0) {
    std::optional<runtime::entity_view> seen;
    node(number).view({.entity = shelf(sku)}, [&](result<runtime::entity_view> said) {
      REQUIRE(said.has_value());
      seen = *std::move(said);
    });
    REQUIRE(world.run_until(world.time().now() + std::chrono::minutes{1}, [&] { return seen.has_value(); }));
    commerce::inventory::state state;
    REQUIRE(commerce::inventory::contract::decode(seen->state, state).has_value());
    return seen->version == 0 ? std::nullopt : std::optional(state.available);
  }
  static entity_key shelf(const std::string& sku) { return entity_key::trusted("default", "inventory", sku); }

 private:
  storage::scratch_folder folder;

 public:
  const plan what;
  trace log{{.keep = true}};
  std::vector<observed_record> committed;
  std::function<void(const observed_record&)> on_record;
  std::function<void(std::uint16_t, std::uint64_t)> on_write;
  sim::world world;
};

inline bool accepted(const shop_in_world::receipt& said) { return said->has_value() && (*said)->has_value(); }

}  // namespace bv::sim::testing
