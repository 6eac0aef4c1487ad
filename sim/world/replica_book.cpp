#include "sim/world/replica_book.hpp"

#include "protocols/schema/base/hash.hpp"

namespace bv::sim {

bool replica_book::add(const std::string& node, storage::shard_id shard, storage::log_index index, bytes_view data) {
  auto& known = hashes_[shard];
  const auto [at, is_new] = known.try_emplace(index, hash64(data));
  const auto place = " batch " + std::to_string(index.value) + " of shard " + std::to_string(shard.value);
  if (!is_new && at->second != hash64(data)) disagreed_(node + " has something else committed as" + place);
  if (is_new && index.value > 1 && !known.contains(storage::log_index{index.value - 1}))
    disagreed_(node + " has committed" + place + ", and nobody the one before");
  return is_new;
}

}  // namespace bv::sim
