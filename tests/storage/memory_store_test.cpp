// covers: storage/memory_state.cpp
// What only the memory store has: commits by hand, failures, crashes and damage on demand.
#include "storage/memory_store.hpp"

#include <doctest/doctest.h>

#include "tests/storage/batches.hpp"

namespace bv::storage {
namespace {

constexpr shard_id first_shard{0}, second_shard{1};

struct by_hand {
  memory_disk disk{2, completion::by_hand};
  recording_listener heard;  // closing the store still tells it
  store now = *open_memory_store(disk);
  by_hand() { listen(); }
  void listen() {
    now.log->listen(first_shard, heard);
    now.log->listen(second_shard, heard);
  }
  void append(std::uint64_t index, shard_id into = first_shard) {
    now.log->append(into, log_index{index}, simple_batch(index, index));
  }
};

/// Appends the next batch whenever the last one is durable.
class chain final : public journal_listener {
 public:
  explicit chain(journal& log) : log_(log) { log_.listen(first_shard, *this); }
  void on_durable(shard_id, log_index index) override {
    order.push_back(index.value);
    if (index.value < 5) log_.append(first_shard, index.next(), simple_batch(index.value + 1, index.value + 1));
  }
  void on_failed(shard_id, log_index, const error&) override { FAIL("nothing fails here"); }
  std::vector<std::uint64_t> order;

 private:
  journal& log_;
};

}  // namespace

TEST_CASE("memory store: nothing is durable before commit, and a commit tells each shard once") {
  by_hand d;
  d.append(1);
  d.append(2);
  d.append(1, second_shard);
  CHECK(d.disk.queued() == 3);
  CHECK(d.heard.calls() == 0);
  CHECK(d.now.log->bounds(first_shard).last == log_index{0});
  CHECK(d.now.log->read(first_shard, log_index{1}, 100)->empty());
  CHECK(d.disk.commit() == 3);
  CHECK(d.heard.calls() == 2);
  CHECK(d.heard.durable(first_shard) == log_index{2});
  CHECK(d.heard.durable(second_shard) == log_index{1});
}

TEST_CASE("memory store: a commit can take a part of what is queued") {
  by_hand d;
  for (std::uint64_t i = 1; i <= 3; ++i) d.append(i);
  CHECK(d.disk.commit(2) == 2);
  CHECK(d.heard.durable(first_shard) == log_index{2});
  CHECK(d.disk.queued() == 1);
  CHECK(d.disk.commit(0) == 0);
}

TEST_CASE("memory store: a crash loses what was not committed, and no listener hears of it") {
  by_hand d;
  d.append(1);
  d.disk.commit();
  d.append(2);
  d.now.log->write_cursor("mail", first_shard, event_offset{1});
  d.disk.crash();
  d.append(3);
  CHECK(d.disk.commit() == 0);
  CHECK(d.heard.durable(first_shard) == log_index{1});
  CHECK(d.heard.failures().empty());
  CHECK(d.now.log->read(first_shard, log_index{1}, 100).error().code == "store_closed");
  d.now = *open_memory_store(d.disk);
  CHECK(d.now.log->bounds(first_shard).last == log_index{1});
  CHECK(*d.now.log->read_cursor("mail", first_shard) == event_offset{0});
}

TEST_CASE("memory store: a failure names the first lost batch of each shard and stays") {
  by_hand d;
  d.append(1);
  d.disk.commit();
  d.append(2);
  d.append(3);
  d.append(1, second_shard);
  d.disk.fail({error_kind::unavailable, "disk_full", "no space"});
  auto failures = d.heard.failures();
  REQUIRE(failures.size() == 2);
  CHECK(failures[0].shard == first_shard);
  CHECK(failures[0].index == log_index{2});
  CHECK(failures[1].shard == second_shard);
  CHECK(failures[1].index == log_index{1});
  d.append(4);
  CHECK(d.heard.failures().size() == 3);
  CHECK(d.now.log->write_hard_state(first_shard, {}).error().code == "disk_full");
  d.now = *open_memory_store(d.disk);
  d.listen();
  CHECK(d.now.log->bounds(first_shard).last == log_index{1});
  d.append(2);
  CHECK(d.disk.commit() == 1);
}

TEST_CASE("memory store: a listener may append from inside its call") {
  memory_disk disk(2);
  auto now = *open_memory_store(disk);
  chain subject(*now.log);
  now.log->append(first_shard, log_index{1}, simple_batch(1, 1));
  CHECK(subject.order == std::vector<std::uint64_t>{1, 2, 3, 4, 5});
}

TEST_CASE("memory store: damage is found by reads and by open, with its place") {
  by_hand d;
  for (std::uint64_t i = 1; i <= 3; ++i) d.append(i);
  d.disk.commit();
  REQUIRE(d.disk.tamper(first_shard, log_index{2}, [](bytes& data) { data.back() ^= 1; }));
  CHECK_FALSE(d.disk.tamper(first_shard, log_index{4}, [](bytes&) {}));
  CHECK(d.now.log->read(first_shard, log_index{1}, 1)->size() == 1);
  const auto read = d.now.log->read(first_shard, log_index{1}, 10000);
  REQUIRE_FALSE(read);
  CHECK(read.error().code == "journal_corrupt");
  CHECK(read.error().context == "shard 0, batch 2");
  const auto reopened = open_memory_store(d.disk);
  REQUIRE_FALSE(reopened);
  CHECK(reopened.error().context == "shard 0, batch 2");
}

TEST_CASE("memory store: commits are counted for the metrics") {
  memory_disk disk(2, completion::by_hand);
  commit_stats seen;
  auto now = *open_memory_store(disk, {.on_commit = [&](const commit_stats& stats) { seen = stats; }});
  recording_listener heard;
  now.log->listen(first_shard, heard);
  for (std::uint64_t i = 1; i <= 3; ++i) now.log->append(first_shard, log_index{i}, simple_batch(i, i));
  disk.commit();
  CHECK(seen.batches == 3);
  CHECK(seen.records == 3);
  CHECK(seen.size_bytes == 3 * simple_batch(1, 1).size());
}

}  // namespace bv::storage
