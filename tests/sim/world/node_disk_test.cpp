#include "sim/world/node_disk.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <set>
#include <utility>
#include <vector>

#include "tests/sim/world/disks.hpp"
#include "tests/storage/batches.hpp"
#include "tests/storage/worlds.hpp"

using namespace bv;
using namespace bv::sim;
using namespace bv::sim::testing;
using namespace std::chrono_literals;
using storage::log_index;
using storage::shard_id;

namespace {

const error full_disk{error_kind::unavailable, "disk_full", "no room"};
const error failed_fsync{error_kind::unavailable, "disk_failed", "an fsync failed"};

/// One disk, the process on it, and the time.
struct disk_world {
  explicit disk_world(storage_tier tier, span write_time = {1ms, 3ms}, std::uint64_t seed = 1)
      : disk(time,
             {.tier = tier, .shards = 2, .write_time = write_time, .seed = seed, .folder = folder.path},
             [this](shard_id shard, log_index index, bytes_view) {
               written.emplace_back(shard.value, index.value);
               written_at = time.now();
             },
             [this](std::uint64_t number) {
               begun.push_back(number);
               begun_at = time.now();
             }) {
    open();
  }

  void open() {
    auto opened = disk.open();
    const auto problem = opened ? std::string() : describe(opened.error());
    REQUIRE_MESSAGE(opened.has_value(), problem);
    store = *std::move(opened);
    listener.forget();
    store.log->listen(first_shard, listener);
    store.log->listen(second_shard, listener);
  }
  void crash(unsynced what) {
    disk.crash(what);
    store = {};
    disk.settle_after_crash();
  }
  void append(shard_id shard) {
    const auto next = appended(shard) + 1;
    queued[shard.value] = next;
    store.log->append(shard, log_index{next}, storage::simple_batch(next, next));
  }
  std::uint64_t appended(shard_id shard) { return std::max(queued[shard.value], last(shard)); }
  std::uint64_t last(shard_id shard) { return store.log->bounds(shard).last.value; }
  void reopen_after(unsynced what) {
    crash(what);
    queued = {};
    open();
  }
  /// Until nothing is left to happen.
  void run() {
    while (const auto next = time.next()) {
      time.pass_to(*next);
      while (time.run_one()) {
      }
    }
  }
  /// Until the write that is under way has been announced, and not over.
  void begin() {
    while (time.run_one()) {
    }
    REQUIRE(disk.writing());
  }

  storage::scratch_folder folder;
  event_heap time{{1'893'456'000'000'000'000}};
  std::vector<std::pair<std::uint16_t, std::uint64_t>> written;
  std::vector<std::uint64_t> begun;
  timestamp begun_at, written_at;
  storage::recording_listener listener;
  std::map<std::uint16_t, std::uint64_t> queued;
  node_disk disk;
  storage::store store;
};

}  // namespace

TEST_CASE("node disk: a write takes as long as is drawn for it, and is announced when it begins") {
  for (const auto tier : tiers) {
    disk_world world(tier, {1ms, 3ms});
    for (std::uint64_t i = 1; i <= 20; ++i) {
      const auto asked = world.time.now();
      world.append(first_shard);
      CHECK(world.begun.size() == i - 1);
      world.begin();
      CHECK(world.begun_at == asked);
      CHECK(world.listener.durable(first_shard) == log_index{i - 1});
      world.run();
      CHECK(world.listener.durable(first_shard) == log_index{i});
      CHECK(world.time.now() - asked >= 1ms);
      CHECK(world.time.now() - asked <= 3ms);
      CHECK(world.written.size() == i);
    }
    CHECK_FALSE(world.disk.writing());
  }
}

TEST_CASE("node disk: what queues meanwhile is one more write") {
  for (const auto tier : tiers) {
    disk_world world(tier);
    world.append(first_shard);
    world.append(first_shard);
    world.append(second_shard);
    world.run();
    CHECK(world.disk.writes() == 2);
    CHECK(world.last(first_shard) == 2);
    CHECK(world.last(second_shard) == 1);
  }
}

TEST_CASE("node disk: a crash takes the write that is under way, and nothing that was told") {
  for (const auto tier : tiers) {
    disk_world world(tier);
    world.append(first_shard);
    world.run();
    world.append(first_shard);
    world.append(second_shard);
    world.begin();
    world.reopen_after(unsynced::lost);
    CHECK(world.last(first_shard) == 1);
    CHECK(world.last(second_shard) == 0);
    world.run();
    CHECK(world.last(first_shard) == 1);
    CHECK(world.written.size() == 1);
  }
}

TEST_CASE("node disk: a crash may leave the write that is under way, which nobody was told of") {
  for (const auto tier : tiers) {
    disk_world world(tier);
    world.append(first_shard);
    world.append(second_shard);
    world.begin();
    world.crash(unsynced::kept);
    CHECK(world.listener.durable(first_shard) == log_index{0});
    world.queued = {};
    world.open();
    CHECK(world.last(first_shard) == 1);
    CHECK(world.last(second_shard) == 0);
    CHECK(world.written == std::vector<std::pair<std::uint16_t, std::uint64_t>>{{0, 1}});
  }
}

TEST_CASE("node disk: a torn write is cut off when the store is opened, wherever it was torn") {
  for (const auto tier : tiers)
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
      disk_world world(tier, {1ms, 3ms}, seed);
      world.append(first_shard);
      world.run();
      world.append(first_shard);
      world.append(second_shard);
      world.begin();
      world.reopen_after(unsynced::torn);
      CHECK(world.last(first_shard) == 1);
      CHECK(world.written.size() == 1);
      // And it goes on from there.
      world.append(first_shard);
      world.run();
      CHECK(world.last(first_shard) == 2);
    }
}

TEST_CASE("node disk: a torn write leaves some of its bytes in the files") {
  std::set<std::uintmax_t> sizes;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    disk_world world(storage_tier::rocks, {1ms, 3ms}, seed);
    world.append(first_shard);
    world.begin();
    world.crash(unsynced::torn);
    std::uintmax_t size = 0;
    for (const auto& file : std::filesystem::directory_iterator(world.folder.path + "/log"))
      if (file.path().extension() == ".log") size += file.file_size();
    sizes.insert(size);
    world.queued = {};
    world.open();
  }
  CHECK(sizes.size() > 2);
}

TEST_CASE("node disk: what becomes of a write at a crash may be left to chance, and chance to the seed") {
  const auto survives = [](storage_tier tier, std::uint64_t seed) {
    disk_world world(tier, {1ms, 3ms}, seed);
    world.append(first_shard);
    world.begin();
    world.reopen_after(unsynced::drawn);
    return world.last(first_shard) == 1;
  };
  int survived = 0;
  constexpr int seeds = 12;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const bool in_memory = survives(storage_tier::memory, seed);
    survived += in_memory;
    CHECK(survives(storage_tier::rocks, seed) == in_memory);
  }
  CHECK(survived > 0);
  CHECK(survived < seeds);
}

TEST_CASE("node disk: writes are counted over restarts") {
  for (const auto tier : tiers) {
    disk_world world(tier);
    world.append(first_shard);
    world.run();
    world.append(first_shard);
    world.begin();
    world.reopen_after(unsynced::lost);
    world.append(first_shard);
    world.run();
    CHECK(world.begun == std::vector<std::uint64_t>{1, 2, 3});
    CHECK(world.disk.writes() == 3);
  }
}

TEST_CASE("node disk: a write of a process that is gone says nothing to the next one") {
  for (const auto tier : tiers) {
    disk_world world(tier, {5ms, 5ms});
    world.append(first_shard);
    world.reopen_after(unsynced::lost);
    const auto began = world.time.now();
    world.time.after(2ms, [&] { world.append(second_shard); });
    world.run();
    CHECK(world.time.now() == began + 7ms);
    CHECK(world.written_at == began + 7ms);
    CHECK(world.begun == std::vector<std::uint64_t>{2});
    CHECK(world.written == std::vector<std::pair<std::uint16_t, std::uint64_t>>{{1, 1}});
    CHECK(world.listener.durable(first_shard) == log_index{0});
  }
}

TEST_CASE("node disk: when writes fail the one under way does too, and all after it until the store is opened again") {
  for (const auto tier : tiers)
    for (const auto& why : {full_disk, failed_fsync})
      for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        disk_world world(tier, {1ms, 3ms}, seed);
        world.append(first_shard);
        world.run();
        world.append(first_shard);
        world.begin();
        world.disk.fail_writes(why);
        world.append(second_shard);
        world.run();
        CHECK(world.listener.durable(first_shard) == log_index{1});
        REQUIRE(world.listener.failures().size() >= 2);
        CHECK(world.listener.failures().front().why.code == why.code);
        CHECK(world.listener.failures().front().why.message == why.message);
        CHECK(world.listener.failures().back().shard == second_shard);
        world.reopen_after(unsynced::lost);
        // Nobody may find what nobody was told.
        CHECK(world.last(first_shard) == 1);
        CHECK(world.last(second_shard) == 0);
        world.append(first_shard);
        world.run();
        CHECK(world.listener.durable(first_shard) == log_index{2});
      }
}

TEST_CASE("node disk: a slow one takes longer, until it is healed") {
  disk_world world(storage_tier::memory, {1ms, 1ms});
  const auto takes = [&] {
    const auto asked = world.time.now();
    world.append(first_shard);
    world.run();
    return world.time.now() - asked;
  };
  CHECK(takes() == 1ms);
  world.disk.set_write_time({2s, 2s});
  CHECK(takes() == 2s);
  world.disk.heal();
  CHECK(takes() == 1ms);
}

TEST_CASE("node disk: a byte that rots makes a batch unreadable") {
  disk_world world(storage_tier::memory);
  CHECK_FALSE(world.disk.rot());
  world.append(second_shard);
  world.run();
  CHECK(world.disk.rot());
  const auto read = world.store.log->read(second_shard, log_index{1}, 1);
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().code == "journal_corrupt");
  world.crash(unsynced::lost);
  CHECK_FALSE(world.disk.rot());
}

TEST_CASE("node disk: a process may close its store in peace, with a write under way") {
  for (const auto tier : tiers) {
    disk_world world(tier);
    world.append(first_shard);
    world.append(second_shard);
    world.begin();
    world.disk.release();
    REQUIRE(world.store.close().has_value());
    CHECK(world.listener.durable(first_shard) == log_index{1});
    CHECK(world.listener.durable(second_shard) == log_index{1});
    CHECK_FALSE(world.disk.writing());
    world.run();
    world.open();
    CHECK(world.last(first_shard) == 1);
    CHECK(world.last(second_shard) == 1);
    CHECK(world.written.size() == 2);
  }
}
