#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "protocols/schema/base/bytes.hpp"
#include "storage/types.hpp"

namespace bv::sim {

/// What a cluster has committed, as its nodes tell it: each batch is new once, and the same for all. One thread.
class replica_book {
 public:
  using complaint = std::function<void(std::string what)>;
  explicit replica_book(complaint disagreed) : disagreed_(std::move(disagreed)) {}

  /// A node holds `data` to be committed at that place. True if nobody told it before.
  bool add(const std::string& node, storage::shard_id shard, storage::log_index index, bytes_view data);

 private:
  const complaint disagreed_;
  std::map<storage::shard_id, std::map<storage::log_index, std::uint64_t>> hashes_;
};

}  // namespace bv::sim
