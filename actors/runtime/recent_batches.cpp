#include "actors/runtime/recent_batches.hpp"

#include <algorithm>
#include <utility>

namespace bv::runtime {

void recent_batches::add(committed_batch batch) {
  // One of remembered rejections only: nobody reads it.
  if (batch.last_offset < batch.first_offset) return;
  const std::lock_guard lock(mutex_);
  size_bytes_ += batch.data->size();
  batches_.push_back(std::move(batch));
  while (size_bytes_ > size_bytes_max_ && batches_.size() > 1) {
    size_bytes_ -= batches_.front().data->size();
    batches_.pop_front();
  }
}

std::optional<std::vector<committed_batch>> recent_batches::read(storage::event_offset after,
                                                                 std::size_t size_bytes_max,
                                                                 const event_kinds& wanted) const {
  const std::lock_guard lock(mutex_);
  if (batches_.empty() || after.next() < batches_.front().first_offset) return std::nullopt;
  auto at = std::ranges::upper_bound(batches_, after, {}, &committed_batch::last_offset);
  std::vector<committed_batch> found;
  for (std::size_t size_bytes = 0; at != batches_.end() && size_bytes < size_bytes_max; ++at) {
    if (at->kinds.may_share(wanted)) size_bytes += at->data->size();
    found.push_back(*at);
  }
  return found;
}

}  // namespace bv::runtime
