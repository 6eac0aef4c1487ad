#include "storage/backup/pace.hpp"

#include <rocksdb/rate_limiter.h>

#include <algorithm>
#include <limits>

namespace bv::storage {
namespace {

constexpr std::int64_t refill_period_us = 100'000;
constexpr std::int32_t fairness = 10;

}  // namespace

pace::pace(const backup_task& task) : task_(task) {
  if (task.bytes_per_s_max == 0) return;
  constexpr std::uint64_t fastest = std::numeric_limits<std::int64_t>::max() / 1'000'000;
  const auto rate = static_cast<std::int64_t>(std::min(task.bytes_per_s_max, fastest));
  limit_.reset(rocksdb::NewGenericRateLimiter(rate, refill_period_us, fairness, rocksdb::RateLimiter::Mode::kAllIo));
}

pace::~pace() = default;

void pace::begin(std::string_view doing, std::uint64_t total_bytes) {
  now_ = {doing, 0, total_bytes};
  if (task_.on_progress) task_.on_progress(now_);
}

void pace::end() {
  now_.done_bytes = now_.total_bytes;
  if (task_.on_progress) task_.on_progress(now_);
}

result<void> pace::take(std::uint64_t size_bytes) {
  for (auto left = size_bytes;;) {
    if (task_.stop.stop_requested()) return failure(error_kind::unavailable, "cancelled", "it was cancelled");
    if (!limit_ || left == 0) break;
    const auto piece = std::min<std::uint64_t>(left, static_cast<std::uint64_t>(limit_->GetSingleBurstBytes()));
    limit_->Request(static_cast<std::int64_t>(piece), rocksdb::Env::IO_LOW, nullptr, rocksdb::RateLimiter::OpType::kRead);
    left -= piece;
  }
  // A copy of the write-ahead log is read twice, and what is counted in batches is a little less than the files.
  now_.done_bytes = std::min(now_.done_bytes + size_bytes, now_.total_bytes);
  if (task_.on_progress && size_bytes > 0) task_.on_progress(now_);
  return {};
}

}  // namespace bv::storage
