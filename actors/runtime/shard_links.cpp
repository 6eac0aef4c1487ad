#include "actors/runtime/shard_links.hpp"

#include <caf/send.hpp>
#include <string>
#include <utility>

namespace bv::runtime {

bool shard_links::send(node_id to, storage::shard_id shard, frames::content what) {
  return net_.send(to, frames::encode(frames::frame{shard.value, std::move(what)}));
}

result<void> shard_links::admit(const node_hello& other) {
  BV_TRY(features_.admit(other));
  if (other.cluster == self_.cluster) return {};
  // Whoever belongs to none yet may ask how this one began.
  if (other.cluster == 0) return {};
  return failure(error_kind::forbidden, "another_cluster",
                 "node " + other.name + " belongs to another cluster than node " + self_.name);
}

bool shard_links::reaches(node_id who) const {
  const std::lock_guard lock(mutex_);
  return reached_.contains(who);
}

void shard_links::on_link_up(const node_hello& to) {
  {
    const std::lock_guard lock(mutex_);
    reached_.insert(to.node);
  }
  tell_all({to.node, true});
}

void shard_links::on_link_down(node_id to) {
  {
    const std::lock_guard lock(mutex_);
    reached_.erase(to);
  }
  tell_all({to, false});
}

void shard_links::tell_all(const peer_link& news) {
  for (const auto& shard : shards_) caf::anon_send(shard, news);
}

void shard_links::on_frame(node_id from, bytes data) {
  frames::frame arrived;
  const auto read = frames::decode(data, arrived);
  if (!read || arrived.shard >= shards_.size())
    return notes_({note_level::warning, "node " + std::to_string(from.value) + " sent a frame that can't be read: " +
                                            (read ? "no shard has that number" : describe(read.error()))});
  if (std::holds_alternative<frames::ask_charter>(arrived.content)) {
    net_.send(from, frames::encode(frames::frame{0, founded_}));
    return;
  }
  caf::anon_send(shards_[arrived.shard], peer_frame{from, std::move(arrived.content)});
}

}  // namespace bv::runtime
