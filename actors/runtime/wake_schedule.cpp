#include "actors/runtime/wake_schedule.hpp"

#include <algorithm>

#include "protocols/schema/base/mutation.hpp"

namespace bv::runtime {

wake_schedule::wake_schedule(storage::derived_store& derived, storage::shard_id shard)
    : derived_(derived), shard_(shard) {}

void wake_schedule::clear() {
  near_ = {};
  read_until_ = {};
}

result<void> wake_schedule::refill(timestamp now) {
  const auto until = now + horizon;
  if (until <= read_until_) return {};
  // An entity key sorts after the empty one: starting behind {read_until_, ""} would read its last moment
  // again, so start behind the moment itself.
  storage::due_entity after{.due = read_until_ + duration{read_until_.ns == 0 ? 0 : 1}, .entity = {}};
  if (mutated(mutation::timer_lost_at_restart)) after.due = std::max(after.due, now);
  while (true) {
    BV_ASSIGN(auto page, derived_.due(shard_, after, until, page_size));
    for (auto& found : page) near_.push(found);
    if (page.size() < page_size) break;
    after = std::move(page.back());
  }
  read_until_ = until;
  return {};
}

void wake_schedule::arm(timestamp due, const entity_key& who) {
  if (due <= read_until_) near_.push({due, who});
}

std::optional<entity_key> wake_schedule::pop_due(timestamp now) {
  if (near_.empty() || near_.top().due > now) return std::nullopt;
  auto who = near_.top().entity;
  near_.pop();
  return who;
}

timestamp wake_schedule::next() const {
  const auto refill_at = read_until_ - horizon / 2;
  return near_.empty() ? refill_at : std::min(near_.top().due, refill_at);
}

}  // namespace bv::runtime
