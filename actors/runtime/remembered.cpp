#include "actors/runtime/remembered.hpp"

#include "protocols/schema/base/assert.hpp"
#include "protocols/schema/runtime/stored.hpp"

namespace bv::runtime {

const remembered_command* remembered_commands::find(hash128_value id) const {
  if (place_.empty()) {
    for (const auto& entry : oldest_first())
      if (entry.id == id) return &entry;
    return nullptr;
  }
  const auto found = place_.find(id);
  return found == place_.end() ? nullptr : &entries_[found->second - removed_];
}

void remembered_commands::remember(remembered_command command, std::size_t count_max, duration age_max) {
  const auto now = command.at;
  entries_.push_back(std::move(command));
  if (!place_.empty()) {
    place_.emplace(entries_.back().id, removed_ + entries_.size() - 1);
  } else if (oldest_first().size() >= indexed_from) {
    for (std::size_t i = forgotten_; i < entries_.size(); ++i) place_.emplace(entries_[i].id, removed_ + i);
  }
  while (oldest_first().size() > count_max || oldest_first().front().at < now - age_max) forget_oldest();
}

void remembered_commands::forget_oldest() {
  auto& oldest = entries_[forgotten_++];
  place_.erase(oldest.id);
  oldest.reply = {};
  if (forgotten_ * 2 > entries_.size()) {
    entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(forgotten_));
    removed_ += forgotten_;
    forgotten_ = 0;
  }
}

bytes encode_reply(const result<receipt>& answer) {
  if (answer) return stored::encode(stored::reply(stored::accepted{answer->version, answer->events}));
  const auto& why = answer.error();
  return stored::encode(
      stored::reply(stored::rejected{std::string(to_string(why.kind)), why.code, why.message, why.context}));
}

result<receipt> decode_reply(bytes_view reply) {
  stored::reply answer;
  BV_TRY(stored::decode(reply, answer));
  if (const auto* accepted = std::get_if<stored::accepted>(&answer))
    return receipt{accepted->version, accepted->events, true};
  const auto& rejected = std::get<stored::rejected>(answer);
  return failure(error_kind_from(rejected.kind), rejected.code, rejected.message, rejected.context);
}

}  // namespace bv::runtime
