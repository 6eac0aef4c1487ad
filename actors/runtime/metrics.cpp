#include "actors/runtime/metrics.hpp"

#include <algorithm>
#include <bit>

namespace bv::runtime {

void histogram::observe(std::uint64_t value) {
  const auto bucket = value <= 1 ? 0 : static_cast<std::size_t>(std::bit_width(value - 1));
  buckets_[std::min(bucket, bucket_count - 1)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

histogram::view histogram::read() const {
  view seen;
  for (std::size_t i = 0; i < bucket_count; ++i) {
    seen.buckets[i] = buckets_[i].load(std::memory_order_relaxed);
    seen.count += seen.buckets[i];
  }
  seen.sum = sum_.load(std::memory_order_relaxed);
  return seen;
}

void histogram::view::add(const view& other) {
  for (std::size_t i = 0; i < bucket_count; ++i) buckets[i] += other.buckets[i];
  sum += other.sum;
  count += other.count;
}

}  // namespace bv::runtime
