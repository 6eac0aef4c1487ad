#include "tools/node/readiness.hpp"

#include <algorithm>
#include <utility>

namespace bv::tools {
namespace {

std::uint64_t committed_events(const runtime::event_log& log) {
  std::uint64_t sum = 0;
  for (std::uint16_t shard = 0; shard < log.shard_count(); ++shard) sum += log.end(storage::shard_id{shard}).value;
  return sum;
}

}  // namespace

readiness::readiness(const runtime::event_log& log, views projections, std::function<bool()> serving, bool of_cluster)
    : log_(log),
      projections_(std::move(projections)),
      serving_(std::move(serving)),
      committed_before_(committed_events(log)),
      level_(!of_cluster) {}

void readiness::on_level() {
  committed_before_ = committed_events(log_);
  level_ = true;
}

void readiness::recovery_failed(error why) {
  const std::lock_guard lock(mutex_);
  failed_ = std::move(why);
}

result<void> readiness::check() {
  {
    const std::lock_guard lock(mutex_);
    if (failed_) return failure(*failed_);
  }
  if (!serving_()) return failure(error_kind::unavailable, "recovering", "the shards are recovering, are stopping, or their disk refuses writes");
  if (caught_up_) return {};
  if (!level_) return failure(error_kind::unavailable, "recovering", "the node gets what its cluster has committed");
  for (const auto& view : projections_)
    if (!caught_up(*view))
      return failure(error_kind::unavailable, "recovering", "the read model is catching up", view->status().name);
  caught_up_ = true;
  return {};
}

bool readiness::caught_up(const runtime::projection_view& view) const {
  // The sum first: the status counts from a later one, so the view has seen at least what is computed here.
  const auto committed = committed_events(log_);
  const auto status = view.status();
  if (!status.failed.empty()) return true;  // it will not come further; /metrics and the log tell
  if (!view.get("")) return false;          // no table is open yet
  if (status.rebuilding) return true;       // the table of before serves meanwhile
  return committed - std::min(committed, status.events_behind) >= committed_before_;
}

}  // namespace bv::tools
