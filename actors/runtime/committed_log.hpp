#pragma once

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "actors/runtime/event_log.hpp"
#include "actors/runtime/recent_batches.hpp"
#include "actors/runtime/shard.hpp"
#include "storage/store.hpp"

namespace bv::runtime {

/// The event log of a node: the journal up to what its shards have committed. Threads: any.
class committed_log final : public event_log, public commit_listener {
 public:
  /// How far back history() follows one entity, in batches.
  static constexpr std::size_t history_batches_max = 10'000;

  committed_log(storage::store& store, std::uint16_t shard_count);

  std::uint16_t shard_count() const override { return static_cast<std::uint16_t>(shards_.size()); }
  result<event_page> read(storage::shard_id shard, storage::event_offset after, std::size_t size_bytes_max,
                          std::span<const event_interest> wanted) override;
  using event_log::read;
  storage::event_offset end(storage::shard_id shard) const override;
  bool led_here(storage::shard_id shard) const override { return shards_[shard.value]->led.load(std::memory_order_acquire); }
  result<std::vector<logged_event>> history(const entity_key& entity, std::uint64_t after_version,
                                            std::size_t count_max) override;
  std::shared_ptr<void> follow(growth_handler grown) override;

  void on_committed(storage::shard_id shard, committed_batch batch) override;
  void on_begun(storage::shard_id shard, storage::event_offset end) override;
  void on_led(storage::shard_id shard, bool here) override;

 private:
  /// Where readers stopped: they come back for what follows, and need no search then.
  struct resume_hint {
    storage::event_offset after;
    storage::log_index next;
  };
  static constexpr std::size_t hints_per_shard = 8;

  /// Of all shards together: some seconds of a busy node.
  static constexpr std::size_t recent_size_bytes_max = std::size_t{32} << 20;

  struct shard_end {
    explicit shard_end(std::size_t recent_size_bytes) : recent(recent_size_bytes) {}
    std::atomic<std::uint64_t> committed{0};
    std::atomic<bool> led{false};
    recent_batches recent;
    std::mutex hints_mutex;
    std::array<resume_hint, hints_per_shard> hints{};
    std::size_t next_hint = 0;
  };
  struct followers;

  result<void> read_stored(event_page& page, storage::shard_id shard, std::size_t size_bytes_max,
                           std::span<const event_interest> wanted);
  result<storage::log_index> locate(storage::shard_id shard, storage::event_offset after);
  void remember(storage::shard_id shard, resume_hint hint);

  storage::store& store_;
  std::vector<std::unique_ptr<shard_end>> shards_;
  std::shared_ptr<followers> followers_;
};

}  // namespace bv::runtime
