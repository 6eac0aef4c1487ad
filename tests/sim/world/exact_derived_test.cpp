#include "sim/world/exact_derived.hpp"

#include <doctest/doctest.h>

#include <utility>

#include "storage/memory_store.hpp"

using namespace bv;
using storage::log_index;
using storage::shard_id;

namespace {

constexpr shard_id shard{1};

entity_key cart_key(const std::string& id) { return entity_key::trusted("default", "cart", id); }

/// Knows everything and is never certain, like one whose filters are full.
class unsure final : public storage::derived_store {
 public:
  explicit unsure(storage::derived_store& knows) : knows_(knows) {}
  void apply(shard_id of, log_index through, std::vector<storage::entity_update> updates) override {
    knows_.apply(of, through, std::move(updates));
  }
  result<std::optional<storage::entity_row>> find(shard_id of, const entity_key& entity) override {
    if (broken) return failure(error_kind::internal, "disk_failed", "unreadable");
    return knows_.find(of, entity);
  }
  bool certainly_absent(shard_id, const entity_key&) override { return false; }
  result<std::vector<storage::due_entity>> due(shard_id of, const storage::due_entity& after, timestamp until,
                                               std::size_t count_max) override {
    return knows_.due(of, after, until, count_max);
  }
  result<std::vector<entity_key>> list(shard_id of, std::string_view tenant, std::string_view type,
                                       std::string_view after_id, std::size_t count_max) override {
    return knows_.list(of, tenant, type, after_id, count_max);
  }
  log_index through(shard_id of) const override { return knows_.through(of); }
  log_index durable_through(shard_id of) const override { return knows_.durable_through(of); }
  result<void> flush() override {
    ++flushes;
    return knows_.flush();
  }

  bool broken = false;
  int flushes = 0;

 private:
  storage::derived_store& knows_;
};

struct exact_world {
  exact_world() : store(*storage::open_memory_store(disk)) {
    auto made = std::make_unique<unsure>(*store.derived);
    behind = made.get();
    exact = sim::make_exact_derived(std::move(made));
    exact->apply(shard, log_index{1}, {{cart_key("ada"), 1, log_index{1}, {}, timestamp{50}, {}}});
  }

  storage::memory_disk disk{2};
  storage::store store;
  unsure* behind = nullptr;
  std::unique_ptr<storage::derived_store> exact;
};

}  // namespace

TEST_CASE("exact derived: an entity that has no row is certainly absent, whatever the store behind can tell") {
  const exact_world world;
  CHECK(world.exact->certainly_absent(shard, cart_key("eve")));
  CHECK(world.exact->certainly_absent(shard_id{0}, cart_key("ada")));
  CHECK_FALSE(world.exact->certainly_absent(shard, cart_key("ada")));
}

TEST_CASE("exact derived: what can't be read is not certainly absent") {
  const exact_world world;
  world.behind->broken = true;
  CHECK_FALSE(world.exact->certainly_absent(shard, cart_key("eve")));
}

TEST_CASE("exact derived: everything else is as the store behind has it") {
  const exact_world world;
  const auto found = world.exact->find(shard, cart_key("ada"));
  REQUIRE(found.has_value());
  REQUIRE(found->has_value());
  CHECK((*found)->wake == timestamp{50});
  const auto due = world.exact->due(shard, {}, timestamp{50}, 10);
  REQUIRE(due.has_value());
  REQUIRE(due->size() == 1);
  CHECK(due->front().entity == cart_key("ada"));
  CHECK(world.exact->list(shard, "default", "cart", "", 10) == std::vector{cart_key("ada")});
  REQUIRE(world.exact->flush().has_value());
  CHECK(world.behind->flushes == 1);
  CHECK(world.exact->durable_through(shard) == world.store.derived->durable_through(shard));
}
