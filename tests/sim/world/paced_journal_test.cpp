#include "sim/world/paced_journal.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <utility>

#include "storage/log_rules.hpp"
#include "storage/memory_store.hpp"
#include "tests/sim/world/disks.hpp"
#include "tests/storage/batches.hpp"

using namespace bv;
using namespace bv::sim;
using namespace bv::sim::testing;
using storage::event_offset;
using storage::log_index;
using storage::shard_id;

namespace {

const error broken_disk{error_kind::unavailable, "disk_failed", "broken"};

/// A journal on a disk in memory, whose writes a test finishes.
struct paced_world {
  paced_world()
      : journal(std::move(opened().log), {.begin_write = [this] { ++begun; },
                                          .written = [this](shard_id shard, log_index index, bytes_view) {
                                            written.emplace_back(shard.value, index.value);
                                          }}) {
    journal.listen(first_shard, listeners[0]);
    journal.listen(second_shard, listeners[1]);
  }

  storage::store& opened() {
    auto store_or = storage::open_memory_store(disk);
    REQUIRE(store_or.has_value());
    return store = *std::move(store_or);
  }
  void append(shard_id shard) {
    auto& last = appended[shard.value];
    ++last;
    journal.append(shard, log_index{last}, storage::simple_batch(last, last));
  }

  storage::memory_disk disk{2};
  storage::store store;
  int begun = 0;
  std::vector<std::pair<std::uint16_t, std::uint64_t>> written;
  std::array<std::uint64_t, 2> appended{};
  std::array<storage::recording_listener, 2> listeners;
  paced_journal journal;
};

}  // namespace

TEST_CASE("paced journal: a write begins with the first append, and is on the disk when it is finished, not before") {
  paced_world world;
  CHECK_FALSE(world.journal.writing());
  world.append(first_shard);
  CHECK(world.begun == 1);
  CHECK(world.journal.writing());
  CHECK(world.journal.bounds(first_shard).last == log_index{0});
  CHECK(world.listeners[0].calls() == 0);
  world.journal.finish_write();
  CHECK_FALSE(world.journal.writing());
  CHECK(world.journal.bounds(first_shard).last == log_index{1});
  CHECK(world.listeners[0].durable(first_shard) == log_index{1});
  CHECK(world.written == std::vector<std::pair<std::uint16_t, std::uint64_t>>{{0, 1}});
}

TEST_CASE("paced journal: what queues while a write is under way is the next write, of all shards") {
  paced_world world;
  world.append(first_shard);
  world.append(first_shard);
  world.append(second_shard);
  world.append(first_shard);
  CHECK(world.begun == 1);
  world.journal.finish_write();
  CHECK(world.listeners[0].durable(first_shard) == log_index{1});
  CHECK(world.begun == 2);
  CHECK(world.journal.writing());
  world.journal.finish_write();
  CHECK(world.listeners[0].durable(first_shard) == log_index{3});
  CHECK(world.listeners[1].durable(second_shard) == log_index{1});
  CHECK(world.begun == 2);
  CHECK(world.written.size() == 4);
}

TEST_CASE("paced journal: a finish without a write changes nothing") {
  paced_world world;
  world.journal.finish_write();
  CHECK(world.begun == 0);
  CHECK(world.written.empty());
}

TEST_CASE("paced journal: a write that fails is told to every shard that is part of it or queues behind it") {
  paced_world world;
  world.append(first_shard);
  world.append(second_shard);
  world.append(first_shard);
  world.disk.fail(broken_disk);
  world.journal.finish_write();
  REQUIRE(world.listeners[0].failures().size() >= 1);
  REQUIRE(world.listeners[1].failures().size() == 1);
  CHECK(world.listeners[0].failures().front().index == log_index{1});
  CHECK(world.listeners[1].failures().front().index == log_index{1});
  CHECK(world.listeners[1].failures().front().why.code == "disk_failed");
  CHECK(world.journal.failed());
  CHECK_FALSE(world.journal.writing());
  CHECK(world.written.empty());
  CHECK(world.begun == 1);
}

TEST_CASE("paced journal: after a failure every append fails at once") {
  paced_world world;
  world.append(first_shard);
  world.disk.fail(broken_disk);
  world.journal.finish_write();
  world.append(second_shard);
  CHECK(world.begun == 1);
  REQUIRE(world.listeners[1].failures().size() == 1);
  CHECK(world.listeners[1].failures().front().index == log_index{1});
  CHECK(world.listeners[0].durable(first_shard) == log_index{0});
}

TEST_CASE("paced journal: a failure is told in the words of whoever caused it") {
  paced_world world;
  world.append(first_shard);
  world.disk.fail({error_kind::unavailable, "disk_failed", "can't write /tmp/x7Gh2"});
  world.journal.blame({error_kind::unavailable, "disk_full", "no room"});
  world.journal.finish_write();
  world.append(second_shard);
  for (auto& listener : world.listeners) {
    REQUIRE(listener.failures().size() == 1);
    CHECK(listener.failures().front().why.message == "no room");
  }
}

TEST_CASE("paced journal: a silent write is on the disk, seen, and nobody is told; what queues stays queued") {
  paced_world world;
  world.append(first_shard);
  world.append(second_shard);
  world.journal.finish_write(true);
  CHECK(world.journal.bounds(first_shard).last == log_index{1});
  CHECK(world.written.size() == 1);
  CHECK(world.listeners[0].calls() == 0);
  CHECK(world.begun == 1);
  CHECK(world.journal.bounds(second_shard).last == log_index{0});
}

TEST_CASE("paced journal: once it is abandoned nothing reaches the disk and nobody is told anything") {
  paced_world world;
  world.append(first_shard);
  world.append(second_shard);
  world.journal.abandon();
  CHECK_FALSE(world.journal.writing());
  world.journal.finish_write();
  world.append(first_shard);
  world.journal.finish_write();
  CHECK(world.begun == 1);
  CHECK(world.journal.bounds(first_shard).last == log_index{0});
  CHECK(world.listeners[0].calls() == 0);
  CHECK(world.listeners[0].failures().empty());
}

TEST_CASE("paced journal: closing writes what is under way and what queues") {
  paced_world world;
  world.append(first_shard);
  world.append(second_shard);
  world.append(second_shard);
  world.journal.close();
  CHECK(world.listeners[0].durable(first_shard) == log_index{1});
  CHECK(world.listeners[1].durable(second_shard) == log_index{2});
}

TEST_CASE("paced journal: everything else is as the journal behind has it") {
  paced_world world;
  for (int i = 0; i < 3; ++i) world.append(first_shard);
  world.journal.finish_write();
  world.journal.finish_write();
  const auto page = world.journal.read(first_shard, log_index{2}, 1);
  REQUIRE(page.has_value());
  REQUIRE(page->size() == 1);
  CHECK(page->front().index == log_index{2});
  CHECK(world.journal.find(first_shard, event_offset{3}) == log_index{3});
  world.journal.write_cursor("reader", first_shard, event_offset{2});
  CHECK(world.journal.read_cursor("reader", first_shard) == event_offset{2});
  REQUIRE(world.journal.write_hard_state(second_shard, {storage::term_number{4}, 2}).has_value());
  CHECK(world.journal.read_hard_state(second_shard) == storage::hard_state{storage::term_number{4}, 2});
  REQUIRE(world.journal.truncate_suffix(first_shard, log_index{3}).has_value());
  CHECK(world.journal.bounds(first_shard).last == log_index{2});
}

TEST_CASE("paced journal: retention reaches the journal behind") {
  paced_world world;
  for (std::uint64_t i = 0; i < storage::segment_batches + 2; ++i) world.append(first_shard);
  world.journal.finish_write();
  world.journal.finish_write();
  REQUIRE(world.journal.drop_prefix(first_shard, log_index{storage::segment_batches}).has_value());
  CHECK(world.journal.bounds(first_shard).first == log_index{storage::segment_batches + 1});
}
