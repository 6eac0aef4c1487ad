// The writer thread: what one commit takes, and what happens when the disk fails it.
// covers: storage/rocks/file_system.cpp storage/rocks/status.cpp storage/rocks/options.cpp
#include "storage/rocks/rocks_journal.hpp"

#include "tests/storage/rocks/damage.hpp"

namespace bv::storage {
namespace {

using step = fault_disk::step;

bool of_wal(const fault_disk::event& e) {
  return e.path.find("/log/") != e.path.npos && e.path.ends_with(".log");
}

/// Holds steps of the disk until it is opened.
class gate {
 public:
  void wait() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  void await_arrival() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_ > 0; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  bool open_ = false;
};

void check_refusal(const node&, recording_listener& heard, std::uint64_t index, const std::string& code) {
  const auto failed = heard.wait_for_failure();
  CHECK(failed.shard == node::shard);
  CHECK(failed.index == log_index{index});
  CHECK(failed.why.kind == error_kind::unavailable);
  CHECK(failed.why.code == code);
}

}  // namespace

TEST_CASE("rocks journal: what queues during one fsync is the next commit, and each shard hears of it once") {
  node n;
  n.must_open();
  gate slow;
  n.disk.set_judge([&](const fault_disk::event& e) -> fault_disk::verdict {
    if (of_wal(e) && e.what == step::sync) slow.wait();
    return {};
  });
  n.append(1);
  slow.await_arrival();
  for (std::uint64_t i = 2; i <= 50; ++i) n.append(i);
  for (std::uint64_t i = 1; i <= 30; ++i) n.append(i, node::other);
  CHECK(n.heard.calls() == 0);
  slow.open();
  REQUIRE(n.heard.wait_for(node::shard, log_index{50}));
  REQUIRE(n.heard.wait_for(node::other, log_index{30}));
  CHECK(n.heard.calls() == 3);
  n.now.log->close();
  CHECK(n.stats.batches == 80);
  CHECK(n.stats.records == 80);
  CHECK(n.stats.write_ns > 0);
}

TEST_CASE("rocks journal: a full disk fails what is in flight, and nothing acknowledged is lost") {
  node n;
  n.must_open();
  n.fill(1, 5);
  n.disk.set_judge([](const fault_disk::event& e) -> fault_disk::verdict {
    if (of_wal(e) && e.what == step::write) return {std::make_error_code(std::errc::no_space_on_device), 17};
    return {};
  });
  n.append(6);
  check_refusal(n, n.heard, 6, "disk_full");
  // Space again: the journal is still stopped, for good.
  n.disk.set_judge({});
  n.append(7);
  n.append(1, node::other);
  n.heard.wait_for_failures(3);
  CHECK(n.heard.failures()[1].why.code == "disk_full");
  CHECK(n.now.log->write_hard_state(node::shard, {}).error().code == "disk_full");
  CHECK(n.now.log->truncate_suffix(node::shard, log_index{3}).error().code == "disk_full");
  n.check_log(5);
  CHECK(n.noted("stopped for good"));
  n.now.close().has_value();
  n.heard.forget();
  n.must_open();
  n.check_log(5);
  n.fill(6, 7);
}

TEST_CASE("rocks journal: what an fsync failed for does not come back at the next start") {
  node n;
  n.must_open();
  n.fill(1, 3);
  std::atomic<bool> broken{true};
  n.disk.set_judge([&](const fault_disk::event& e) -> fault_disk::verdict {
    if (of_wal(e) && e.what == step::sync && broken.exchange(false))
      return {std::make_error_code(std::errc::io_error)};
    return {};
  });
  n.append(4);
  check_refusal(n, n.heard, 4, "disk_failed");
  CHECK(n.heard.failures()[0].why.message.find("may or may not") == std::string::npos);
  n.kill();
  n.heard.forget();
  n.must_open();
  n.check_log(3);
}

TEST_CASE("rocks journal: if the failed write can't be cut off, the error says that its fate is unknown") {
  node n;
  n.must_open();
  n.fill(1, 3);
  n.disk.set_judge([&](const fault_disk::event& e) -> fault_disk::verdict {
    if (of_wal(e) && e.what == step::sync) return {std::make_error_code(std::errc::io_error)};
    return {};
  });
  n.append(4);
  check_refusal(n, n.heard, 4, "disk_failed");
  CHECK(n.heard.failures()[0].why.message.find("may or may not") != std::string::npos);
  n.kill();
  n.heard.forget();
  n.disk.set_judge({});
  n.must_open();
  CHECK(n.now.log->bounds(node::shard).last >= log_index{3});
}

TEST_CASE("rocks journal: no room for what is derived stops the journal too") {
  node n;
  n.must_open();
  n.fill(1, 2);
  n.now.derived->apply(node::shard, log_index{2},
                       {{entity_key::trusted("default", "cart", "c2"), 1, log_index{2}, {}, {}, {}}});
  n.disk.set_judge([](const fault_disk::event& e) -> fault_disk::verdict {
    if (e.path.find("/derived/") != e.path.npos && e.path.ends_with(".sst"))
      return {std::make_error_code(std::errc::no_space_on_device)};
    return {};
  });
  CHECK(n.now.derived->flush().error().code == "disk_full");
  n.append(3);
  check_refusal(n, n.heard, 3, "disk_full");
  // What was applied is still seen, and nothing is lost at the next start.
  CHECK(n.now.derived->find(node::shard, entity_key::trusted("default", "cart", "c2"))->has_value());
  n.kill();
  n.heard.forget();
  n.disk.set_judge({});
  n.must_open();
  n.check_log(2);
  CHECK(n.now.derived->find(node::shard, entity_key::trusted("default", "cart", "c2"))->has_value());
}

TEST_CASE("rocks journal: a power cut takes nothing that was acknowledged, whatever it tears") {
  std::uint64_t seed = 20261121;
  const auto random = [&seed](std::uint64_t below) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (seed >> 33) % below;
  };
  node n;
  std::uint64_t last = 0, last_other = 0;
  for (int round = 0; round < 12; ++round) {
    n.must_open();
    CHECK(n.now.log->bounds(node::shard).last.value >= last);
    CHECK(n.now.log->bounds(node::other).last.value >= last_other);
    last = n.now.log->bounds(node::shard).last.value;
    last_other = n.now.log->bounds(node::other).last.value;
    n.check_log(last, node::shard, 300);
    n.check_log(last_other, node::other, 300);
    for (std::uint64_t i = 1; i <= last; i += 7)
      CHECK(n.now.derived->find(node::shard, entity_key::trusted("default", "cart", "c" + std::to_string(i)))
                ->has_value());
    // The power goes at some write or sync among those that the next appends cause.
    std::atomic<std::uint64_t> steps_left{1 + random(12)};
    n.disk.set_judge([&](const fault_disk::event& e) -> fault_disk::verdict {
      if (e.path.ends_with(".log") && e.what != step::create && --steps_left == 0) n.disk.stop();
      return {};
    });
    const auto until = last + 1 + random(40);
    for (auto i = last + 1; i <= until; ++i) {
      n.append(i, node::shard, 300);
      if (i % 3 == 0) n.append(++last_other, node::other, 300);
      if (random(3) == 0) n.heard.wait_for(node::shard, log_index{i});
    }
    n.heard.wait_for(node::shard, log_index{until});
    n.disk.set_judge({});
    n.disk.stop();
    n.now = {};
    // Only what was heard of as durable counts.
    last = std::max(last, n.heard.durable(node::shard).value);
    last_other = n.heard.durable(node::other).value;
    n.heard.forget_failures();
    n.disk.cut_power([&](const std::string&, std::uint64_t size) { return random(size + 1); });
    n.disk.start();
  }
}

TEST_CASE("rocks journal: with durability os appends need no fsync, and a stopped process loses none") {
  node n;
  n.durable = durability::os;
  n.must_open();
  std::atomic<int> syncs{0};
  gate never;
  n.disk.set_judge([&](const fault_disk::event& e) -> fault_disk::verdict {
    if (of_wal(e) && e.what == step::sync) {
      ++syncs;
      never.wait();
    }
    return {};
  });
  n.fill(1, 20);
  n.disk.stop();
  never.open();
  n.now = {};
  n.disk.set_judge({});
  n.disk.start();
  n.must_open();
  n.check_log(20);
}

TEST_CASE("rocks journal: with durability os what is derived is rebuilt if the log lost its end") {
  node n;
  n.durable = durability::os;
  n.must_open();
  const auto cart = entity_key::trusted("default", "cart", "c9");
  n.fill(1, 9);
  n.kill();
  // The log's end is lost, after it had been applied and flushed.
  const auto path = files(n.log(), ".log").back();
  const auto whole = slurp(path);
  n.must_open();
  REQUIRE(n.now.derived->flush());
  REQUIRE(n.now.derived->find(node::shard, cart)->has_value());
  n.kill();
  spill(path, whole.substr(0, whole.size() - 10));
  n.must_open();
  CHECK(n.noted("ahead of the log"));
  n.check_log(8);
  CHECK_FALSE(n.now.derived->find(node::shard, cart)->has_value());
  CHECK(n.now.derived->find(node::shard, entity_key::trusted("default", "cart", "c8"))->has_value());
  n.kill();
  // With fsync the same is no power cut but a loss.
  n.must_open();
  REQUIRE(n.now.derived->flush());
  n.kill();
  n.durable = durability::fsync;
  spill(path, whole.substr(0, whole.size() / 2));
  const auto opened = n.open();
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == "journal_corrupt");
  CHECK(opened.error().message.find("acknowledged batches are missing") != std::string::npos);
}

}  // namespace bv::storage
