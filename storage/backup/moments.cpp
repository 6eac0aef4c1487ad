#include "storage/backup/moments.hpp"

namespace bv::storage {

result<std::optional<timestamp>> first_written(log_db& log, shard_id shard, log_index from, log_index through) {
  bytes data;
  for (auto at = from; at <= through; at = at.next()) {
    BV_ASSIGN(const auto batch, log.batch_at(shard, at, data));
    if (!batch.is_control()) return std::optional(batch.written_at());
  }
  return std::optional<timestamp>();
}

result<std::optional<timestamp>> first_left_out(log_db& log, const std::vector<left_out>& stretches) {
  std::optional<timestamp> earliest;
  for (std::uint16_t i = 0; i < stretches.size(); ++i) {
    BV_ASSIGN(const auto written, first_written(log, shard_id{i}, stretches[i].from, stretches[i].through));
    if (written && (!earliest || *written < *earliest)) earliest = written;
  }
  return earliest;
}

result<restored_shard> last_before(log_db& log, shard_id shard, log_index from, timestamp moment) {
  bytes data;
  const auto first = log.bounds(shard).first;
  auto last = from;
  for (auto at = from; at >= first; at = log_index{at.value - 1}) {
    BV_ASSIGN(const auto batch, log.batch_at(shard, at, data));
    if (batch.is_control()) continue;
    if (batch.written_at() < moment) break;
    last = log_index{at.value - 1};
  }
  if (last < first) return restored_shard{};
  BV_ASSIGN(const auto batch, log.batch_at(shard, last, data));
  return restored_shard{last, event_offset{batch.next_offset().value - 1}, batch.term()};
}

}  // namespace bv::storage
