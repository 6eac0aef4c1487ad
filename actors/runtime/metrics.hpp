#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

namespace bv::runtime {

/// A number that only grows. Threads: any; exact, unordered.
class counter {
 public:
  void add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// A number that goes up and down.
class gauge {
 public:
  void set(std::int64_t n) { value_.store(n, std::memory_order_relaxed); }
  /// Returns the new value.
  std::int64_t add(std::int64_t n) { return value_.fetch_add(n, std::memory_order_relaxed) + n; }
  [[nodiscard]] std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

/// Counts observations in buckets that double from 1 up to 2^25: microseconds reach 33 s, sizes 33 million.
/// A reader may see an observation in the sum and not yet in its bucket.
class histogram {
 public:
  static constexpr std::size_t bucket_count = 27;  ///< the last one has no upper bound

  void observe(std::uint64_t value);
  /// Inclusive upper bound of a bucket but the last.
  static std::uint64_t upper_bound(std::size_t bucket) { return std::uint64_t{1} << bucket; }

  struct view {
    std::array<std::uint64_t, bucket_count> buckets{};  ///< not cumulative
    std::uint64_t sum = 0;
    std::uint64_t count = 0;
    void add(const view& other);
  };
  [[nodiscard]] view read() const;

 private:
  std::array<std::atomic<std::uint64_t>, bucket_count> buckets_{};
  std::atomic<std::uint64_t> sum_{0};
};

/// What one shard tells about itself. Written by the shard's actor and its router, read by the exporter.
struct shard_metrics {
  counter commands_accepted, commands_rejected, commands_repeated;
  counter commands_overloaded;  ///< refused at admission
  counter commands_timed_out;
  counter views;
  counter events;
  counter entities_loaded, entities_passivated, snapshots_taken, wake_ups;
  gauge entities_live;
  gauge in_flight;           ///< admitted and not answered
  histogram command_us;      ///< from admission to answer
  histogram batch_records;
  histogram batch_bytes;
};

}  // namespace bv::runtime
