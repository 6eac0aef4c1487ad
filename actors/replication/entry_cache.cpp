#include "actors/replication/entry_cache.hpp"

#include <utility>

#include "protocols/schema/base/assert.hpp"

namespace bv::replication {

void entry_cache::add(entry one) {
  BV_ASSERT(entries_.empty() || one.index == entries_.back().index.next(), "the cache of a log has a gap");
  size_bytes_ += one.data->size();
  entries_.push_back(std::move(one));
}

void entry_cache::truncate(storage::log_index from) {
  for (; !entries_.empty() && entries_.back().index >= from; entries_.pop_back())
    size_bytes_ -= entries_.back().data->size();
}

void entry_cache::forget_before(storage::log_index first) {
  for (; !entries_.empty() && entries_.front().index < first; entries_.pop_front())
    size_bytes_ -= entries_.front().data->size();
}

const entry* entry_cache::find(storage::log_index index) const {
  if (entries_.empty() || index < entries_.front().index || index > entries_.back().index) return nullptr;
  return &entries_[index.value - entries_.front().index.value];
}

std::uint32_t entry_cache::newest_within(std::size_t size_bytes) const {
  std::uint32_t count = 0;
  for (auto at = entries_.rbegin(); at != entries_.rend() && at->data->size() <= size_bytes; ++at, ++count)
    size_bytes -= at->data->size();
  return count;
}

}  // namespace bv::replication
