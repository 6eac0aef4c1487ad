#pragma once

#include <map>
#include <tuple>

#include "sim/observe/observation.hpp"

namespace bv::sim {

/// When each batch was committed, as it was told at that moment: a log that is read again at the end does not know.
class commit_times {
 public:
  void note(const observed_record& told) { times_.try_emplace(batch_of(told), told.committed_at); }
  /// What the record itself says, if nothing was told of its batch.
  [[nodiscard]] timestamp of(const observed_record& record) const {
    const auto found = times_.find(batch_of(record));
    return found == times_.end() ? record.committed_at : found->second;
  }

 private:
  using batch = std::tuple<std::uint16_t, storage::shard_id, storage::log_index>;
  static batch batch_of(const observed_record& record) { return {record.node, record.shard, record.index}; }

  std::map<batch, timestamp> times_;
};

}  // namespace bv::sim
