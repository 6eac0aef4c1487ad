#include "actors/runtime/served_projection.hpp"

#include <utility>

namespace bv::runtime {

std::uint64_t total_events(const event_log& log) {
  std::uint64_t sum = 0;
  for (std::uint16_t i = 0; i < log.shard_count(); ++i) sum += log.end(storage::shard_id{i}).value;
  return sum;
}

result<std::shared_ptr<storage::table>> served_projection::table() const {
  std::lock_guard lock(mutex_);
  if (table_) return table_;
  return failure(error_kind::unavailable, "projection_not_ready",
                 "the projection '" + name_ + "' is not open yet; ask again");
}

result<std::optional<bytes>> served_projection::get(bytes_view key) const {
  BV_ASSIGN(const auto rows, table());
  return rows->get(key);
}

result<void> served_projection::scan(bytes_view from, bytes_view until, bool reverse,
                                     const std::function<bool(bytes_view, bytes_view)>& visit) const {
  BV_ASSIGN(const auto rows, table());
  return rows->scan(from, until, reverse, visit);
}

projection_status served_projection::status() const {
  const auto committed = total_events(log_);
  std::lock_guard lock(mutex_);
  return {.name = name_,
          .events_behind = committed > progress_.through ? committed - progress_.through : 0,
          .rebuilding = progress_.rebuilding,
          .events_rebuilt = progress_.rebuilt,
          .failed = progress_.failed};
}

void served_projection::serve(std::shared_ptr<storage::table> table) {
  std::lock_guard lock(mutex_);
  table_ = std::move(table);
}

void served_projection::publish(progress made) {
  std::lock_guard lock(mutex_);
  progress_ = std::move(made);
}

}  // namespace bv::runtime
