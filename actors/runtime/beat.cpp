#include "actors/runtime/beat.hpp"

#include <utility>

namespace bv::runtime {

void beat_collector::add(node_id to, storage::shard_id shard, replication::body what) {
  const std::lock_guard lock(mutex_);
  if (net_) gathered_[to].said.push_back({shard.value, std::move(what)});
}

void beat_collector::flush() {
  const std::lock_guard lock(mutex_);
  for (auto& [to, all] : std::exchange(gathered_, {})) net_->send(to, frames::encode(frames::frame{0, std::move(all)}));
}

void beat_collector::close() {
  const std::lock_guard lock(mutex_);
  net_ = nullptr;
  gathered_.clear();
}

bool fits_a_beat(const replication::body& what) {
  if (const auto* const request = std::get_if<replication::append_request>(&what)) return request->entries.empty();
  return std::holds_alternative<replication::append_answer>(what);
}

}  // namespace bv::runtime
