#include "actors/runtime/wake_schedule.hpp"

#include <doctest/doctest.h>

#include <string>

#include "storage/memory_store.hpp"
#include "tests/actors/runtime/shard_world.hpp"

using namespace bv;
using namespace bv::runtime;
using bv::test::counter_key;
using bv::test::only_shard;

namespace {

constexpr timestamp first_moment{1'000'000'000'000};

storage::entity_update registered(const std::string& id, timestamp due) {
  return {.entity = counter_key(id), .version = 1, .index = storage::log_index{1}, .wake_before = {}, .wake_after = due, .taken = {}};
}

}  // namespace

TEST_CASE("wake schedule: registrations come out in time, whatever page they were read in") {
  storage::memory_disk disk(1);
  auto store = storage::open_memory_store(disk);
  REQUIRE(store.has_value());
  std::vector<storage::entity_update> updates;
  constexpr int count = 3000;
  for (int i = 0; i < count; ++i)
    updates.push_back(registered(std::to_string(i), first_moment + std::chrono::milliseconds{100} * (i % 1500)));
  store->derived->apply(only_shard, storage::log_index{1}, std::move(updates));

  wake_schedule schedule(*store->derived, only_shard);
  int woken = 0;
  for (auto now = first_moment; now <= first_moment + std::chrono::minutes{4}; now = now + std::chrono::seconds{1}) {
    if (schedule.next() <= now) REQUIRE(schedule.refill(now).has_value());
    while (schedule.pop_due(now)) ++woken;
    const auto due = std::min<std::int64_t>(1500, (now - first_moment) / std::chrono::milliseconds{100} + 1);
    CHECK(woken == 2 * due);
  }
  CHECK(woken == count);
}

TEST_CASE("wake schedule: a near wake-up is armed in memory, a far one is left to a refill") {
  storage::memory_disk disk(1);
  auto store = storage::open_memory_store(disk);
  REQUIRE(store.has_value());
  wake_schedule schedule(*store->derived, only_shard);
  REQUIRE(schedule.refill(first_moment).has_value());
  schedule.arm(first_moment + std::chrono::seconds{5}, counter_key("near"));
  schedule.arm(first_moment + wake_schedule::horizon * 2, counter_key("far"));
  CHECK(schedule.next() == first_moment + std::chrono::seconds{5});
  CHECK_FALSE(schedule.pop_due(first_moment + std::chrono::seconds{4}));
  CHECK(schedule.pop_due(first_moment + std::chrono::seconds{5}) == counter_key("near"));
  CHECK_FALSE(schedule.pop_due(first_moment + wake_schedule::horizon * 3));
}
