#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "storage/batch.hpp"
#include "storage/journal.hpp"

/// Small batches for tests that care where they lie, not what they say.
namespace bv::storage {

struct test_record {
  std::string entity;
  std::uint64_t version = 1;
  log_index previous;
  std::vector<std::string> events;
  timestamp wake_before, wake_after;
};

inline bytes make_batch(log_index index, event_offset first_offset, const std::vector<test_record>& records) {
  batch_builder builder(index, first_offset);
  for (const auto& [entity, version, previous, events, before, after] : records) {
    record_view record;
    record.entity = entity;
    record.version = version;
    record.previous = previous;
    record.wake_before = before;
    record.wake_after = after;
    std::vector<event_view> views;
    for (const auto& event : events) views.push_back({7, event});
    builder.add(record, views);
  }
  return std::move(builder).finish(term_number{1}, timestamp{1'000});
}

/// One record with one event of `size` bytes, of entity `default/cart/c<index>`.
inline bytes simple_batch(std::uint64_t index, std::uint64_t offset, std::size_t size = 20) {
  const auto entity = "default/cart/c" + std::to_string(index);
  return make_batch(log_index{index}, event_offset{offset},
                    {{entity, 1, {}, {std::string(size, 'x')}, {}, {}}});
}

/// Remembers what it was told. Waiting is on a condition, never on time.
class recording_listener final : public journal_listener {
 public:
  void on_durable(shard_id shard, log_index index) override {
    const std::lock_guard lock(mutex_);
    durable_[shard.value] = index;
    ++calls_;
    changed_.notify_all();
  }
  void on_failed(shard_id shard, log_index index, const error& why) override {
    const std::lock_guard lock(mutex_);
    failures_.push_back({shard, index, why});
    changed_.notify_all();
  }
  void on_rot(shard_id, log_index index, const error&) override { rotten.push_back(index); }

  std::vector<log_index> rotten;  ///< as reads on this thread came upon them

  struct failed {
    shard_id shard;
    log_index index;
    error why;
  };

  /// Waits until the shard is durable up to `index` or something failed. True if durable.
  bool wait_for(shard_id shard, log_index index) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return durable_[shard.value] >= index || !failures_.empty(); });
    return durable_[shard.value] >= index;
  }
  failed wait_for_failure() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !failures_.empty(); });
    return failures_.front();
  }
  void wait_for_failures(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return failures_.size() >= count; });
  }
  /// For the next start.
  void forget() {
    const std::lock_guard lock(mutex_);
    durable_.clear();
    failures_.clear();
  }
  void forget_failures() {
    const std::lock_guard lock(mutex_);
    failures_.clear();
  }
  log_index durable(shard_id shard) {
    const std::lock_guard lock(mutex_);
    return durable_[shard.value];
  }
  std::vector<failed> failures() {
    const std::lock_guard lock(mutex_);
    return failures_;
  }
  std::size_t calls() {
    const std::lock_guard lock(mutex_);
    return calls_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::uint16_t, log_index> durable_;
  std::vector<failed> failures_;
  std::size_t calls_ = 0;
};

}  // namespace bv::storage
