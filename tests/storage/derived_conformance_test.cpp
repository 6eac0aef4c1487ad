// What a derived store promises, whatever it is made of.
// covers: storage/memory_derived.cpp storage/replay.cpp
#include <doctest/doctest.h>

#include "storage/derived_store.hpp"
#include "tests/storage/batches.hpp"
#include "tests/storage/worlds.hpp"

namespace bv::storage {
namespace {

entity_key cart(const std::string& id) {
  return entity_key::trusted("default", "cart", id);
}

entity_update change(const std::string& id, std::uint64_t version, std::uint64_t index,
                     std::int64_t before = 0, std::int64_t after = 0) {
  return {cart(id), version, log_index{index}, timestamp{before}, timestamp{after}, {}};
}

std::vector<std::string> ids(const result<std::vector<due_entity>>& found) {
  REQUIRE(found);
  std::vector<std::string> texts;
  for (const auto& [due, entity] : *found)
    texts.push_back(std::to_string(due.ns) + ":" + std::string(entity.id()));
  return texts;
}

std::vector<std::string> ids(const result<std::vector<entity_key>>& found) {
  REQUIRE(found);
  std::vector<std::string> texts;
  for (const auto& entity : *found) texts.emplace_back(entity.id());
  return texts;
}

using texts = std::vector<std::string>;

}  // namespace

TEST_CASE_TEMPLATE("derived: what is applied is found at once, in its shard only", World, BV_WORLDS) {
  World world;
  REQUIRE(world.open());
  auto& derived = *world.now.derived;
  CHECK_FALSE(derived.find(shard, cart("a"))->has_value());
  auto first = change("a", 3, 1, 0, 50);
  first.taken = snapshot{3, log_index{1}, "state"};
  derived.apply(shard, log_index{1}, {first});
  derived.apply(shard, log_index{2}, {change("a", 4, 2, 50, 60), change("a", 5, 2, 60, 70)});
  const auto row = derived.find(shard, cart("a"));
  REQUIRE(row);
  REQUIRE(row->has_value());
  CHECK((*row)->version == 5);
  CHECK((*row)->last == log_index{2});
  CHECK((*row)->wake == timestamp{70});
  REQUIRE((*row)->newest_snapshot);
  CHECK((*row)->newest_snapshot->version == 3);
  CHECK((*row)->newest_snapshot->index == log_index{1});
  CHECK((*row)->newest_snapshot->data == "state");
  CHECK_FALSE(derived.find(other, cart("a"))->has_value());
  CHECK_FALSE(derived.find(shard, cart("aa"))->has_value());
}

TEST_CASE_TEMPLATE("derived: wake-ups move with their entities and come in order of due", World, BV_WORLDS) {
  World world;
  REQUIRE(world.open());
  auto& derived = *world.now.derived;
  derived.apply(shard, log_index{1},
                {change("a", 1, 1, 0, 30), change("b", 1, 1, 0, 10), change("c", 1, 1, 0, 10)});
  derived.apply(other, log_index{1}, {change("z", 1, 1, 0, 5)});
  CHECK(ids(derived.due(shard, {}, timestamp{100}, 10)) == texts{"10:b", "10:c", "30:a"});
  CHECK(ids(derived.due(shard, {}, timestamp{10}, 10)) == texts{"10:b", "10:c"});
  CHECK(ids(derived.due(shard, {}, timestamp{9}, 10)).empty());
  CHECK(ids(derived.due(shard, {}, timestamp{100}, 2)) == texts{"10:b", "10:c"});
  CHECK(ids(derived.due(shard, {timestamp{10}, cart("b")}, timestamp{100}, 2)) == texts{"10:c", "30:a"});
  derived.apply(shard, log_index{2},
                {change("b", 2, 2, 10, 40), change("c", 2, 2, 10, 0), change("b", 3, 2, 40, 20)});
  CHECK(ids(derived.due(shard, {}, timestamp{100}, 10)) == texts{"20:b", "30:a"});
}

TEST_CASE_TEMPLATE("derived: entities are listed by type in the order of their ids", World, BV_WORLDS) {
  World world;
  REQUIRE(world.open());
  auto& derived = *world.now.derived;
  std::vector<entity_update> updates;
  for (const auto* id : {"b", "a", "a.1", "c"}) updates.push_back(change(id, 1, 1));
  updates.push_back({entity_key::trusted("default", "cart2", "x"), 1, log_index{1}, {}, {}, {}});
  updates.push_back({entity_key::trusted("acme", "cart", "y"), 1, log_index{1}, {}, {}, {}});
  derived.apply(shard, log_index{1}, std::move(updates));
  CHECK(ids(derived.list(shard, "default", "cart", "", 10)) == texts{"a", "a.1", "b", "c"});
  CHECK(ids(derived.list(shard, "default", "cart", "", 2)) == texts{"a", "a.1"});
  CHECK(ids(derived.list(shard, "default", "cart", "a.1", 10)) == texts{"b", "c"});
  CHECK(ids(derived.list(shard, "default", "cart2", "", 10)) == texts{"x"});
  CHECK(ids(derived.list(shard, "acme", "cart", "", 10)) == texts{"y"});
  CHECK(ids(derived.list(other, "default", "cart", "", 10)).empty());
}

TEST_CASE_TEMPLATE("derived: after a clean stop everything is there, snapshots too", World, BV_WORLDS) {
  World world;
  REQUIRE(world.open());
  recording_listener heard;
  world.now.log->listen(shard, heard);
  world.now.log->append(shard, log_index{1}, simple_batch(1, 1));
  REQUIRE(heard.wait_for(shard, log_index{1}));
  auto update = change("c1", 1, 1, 0, 9);
  update.taken = snapshot{1, log_index{1}, std::string(5000, 's')};
  world.now.derived->apply(shard, log_index{1}, {update});
  REQUIRE(world.now.derived->flush());
  CHECK(world.now.derived->durable_through(shard) == log_index{1});
  REQUIRE(world.now.close());
  REQUIRE(world.open());
  CHECK(world.now.derived->durable_through(shard) == log_index{1});
  const auto row = world.now.derived->find(shard, cart("c1"));
  REQUIRE(row->has_value());
  REQUIRE((*row)->newest_snapshot);
  CHECK((*row)->newest_snapshot->data == std::string(5000, 's'));
  CHECK(ids(world.now.derived->due(shard, {}, timestamp{100}, 10)) == texts{"9:c1"});
}

TEST_CASE_TEMPLATE("derived: only what never had a record is certainly absent", World, BV_WORLDS) {
  World world;
  REQUIRE(world.open());
  CHECK(world.now.derived->certainly_absent(shard, cart("a")));
  world.now.derived->apply(shard, log_index{1}, {change("a", 1, 1)});
  CHECK_FALSE(world.now.derived->certainly_absent(shard, cart("a")));
  CHECK(world.now.derived->certainly_absent(other, cart("a")));
  SUBCASE("while it is staged") {}
  SUBCASE("once it is written") { REQUIRE(world.now.derived->flush()); }
  CHECK_FALSE(world.now.derived->certainly_absent(shard, cart("a")));
  CHECK(world.now.derived->certainly_absent(shard, cart("b")));
}

TEST_CASE_TEMPLATE("derived: a replicated log's end is left to whoever knows what is committed", World, BV_WORLDS) {
  World world;
  REQUIRE(world.open());
  recording_listener heard;
  world.now.log->listen(shard, heard);
  for (std::uint64_t i = 1; i <= 2; ++i) world.now.log->append(shard, log_index{i}, simple_batch(i, i));
  REQUIRE(heard.wait_for(shard, log_index{2}));
  world.now.derived->apply(shard, log_index{1}, {change("c1", 1, 1)});
  CHECK(world.now.derived->through(shard) == log_index{1});
  REQUIRE(world.now.derived->flush());
  world.crash();
  REQUIRE(world.open(false));
  CHECK(world.now.derived->through(shard) == log_index{1});
  CHECK(world.now.derived->find(shard, cart("c1"))->has_value());
  CHECK_FALSE(world.now.derived->find(shard, cart("c2"))->has_value());
}

TEST_CASE_TEMPLATE("derived: after a crash open catches up with the log", World, BV_WORLDS) {
  World world;
  REQUIRE(world.open());
  recording_listener heard;
  world.now.log->listen(shard, heard);
  const auto append = [&](std::uint64_t index, std::int64_t before, std::int64_t after) {
    world.now.log->append(
        shard, log_index{index},
        make_batch(
            log_index{index}, event_offset{index},
            {{"default/cart/a", index, log_index{index - 1}, {"e"}, timestamp{before}, timestamp{after}}}));
    REQUIRE(heard.wait_for(shard, log_index{index}));
  };
  append(1, 0, 10);
  world.now.derived->apply(shard, log_index{1}, {change("a", 1, 1, 0, 10)});
  REQUIRE(world.now.derived->flush());
  append(2, 10, 20);
  append(3, 20, 30);
  // The crash comes before the store has heard of batch 3, and before 2 is on disk.
  world.now.derived->apply(shard, log_index{2}, {change("a", 2, 2, 10, 20)});
  world.crash();
  REQUIRE(world.open());
  const auto row = world.now.derived->find(shard, cart("a"));
  REQUIRE(row->has_value());
  CHECK((*row)->version == 3);
  CHECK((*row)->last == log_index{3});
  CHECK(ids(world.now.derived->due(shard, {}, timestamp{100}, 10)) == texts{"30:a"});
}

}  // namespace bv::storage
