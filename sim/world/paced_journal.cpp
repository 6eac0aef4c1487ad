#include "sim/world/paced_journal.hpp"

#include <algorithm>

namespace bv::sim {

using storage::log_index;
using storage::shard_id;

paced_journal::paced_journal(std::unique_ptr<storage::journal> behind, hooks with)
    : behind_(std::move(behind)), with_(std::move(with)) {}

// First: it may have a thread that tells us things.
paced_journal::~paced_journal() { behind_.reset(); }

void paced_journal::listen(shard_id shard, storage::journal_listener& listener) {
  listeners_[shard] = &listener;
  behind_->listen(shard, *this);
}

void paced_journal::append(shard_id shard, log_index index, shared_bytes data) {
  if (gone_) return;
  queue_.push_back({shard, index, std::move(data)});
  // A journal that has failed says so at once, of everything.
  if (failed_) return tell(write_behind(std::exchange(queue_, {})));
  if (!writing_) begin();
}

void paced_journal::begin() {
  group_ = std::exchange(queue_, {});
  writing_ = true;
  with_.begin_write();
}

void paced_journal::finish_write(bool silently) {
  if (gone_ || !writing_) return;
  writing_ = false;
  const auto group = std::exchange(group_, {});
  const auto outcomes = write_behind(group);
  for (const auto& one : group)
    if (one.index <= outcomes.at(one.shard).durable) with_.written(one.shard, one.index, *one.data);
  if (silently) return;
  tell(outcomes);
  if (!queue_.empty() && !failed_) begin();
  if (failed_ && !queue_.empty()) tell(write_behind(std::exchange(queue_, {})));
}

void paced_journal::abandon() {
  gone_ = true;
  writing_ = false;
  group_.clear();
  queue_.clear();
}

std::map<shard_id, paced_journal::outcome> paced_journal::write_behind(const std::vector<batch>& group) {
  std::map<shard_id, log_index> last;
  for (const auto& one : group) {
    last[one.shard] = one.index;
    behind_->append(one.shard, one.index, one.data);
  }
  std::unique_lock lock(mutex_);
  said_.wait(lock, [&] {
    return std::ranges::all_of(last, [&](const auto& wanted) {
      const auto found = outcomes_.find(wanted.first);
      return found != outcomes_.end() && (found->second.lost || found->second.durable >= wanted.second);
    });
  });
  return std::exchange(outcomes_, {});
}

void paced_journal::tell(const std::map<shard_id, outcome>& outcomes) {
  for (const auto& [shard, said] : outcomes) {
    if (said.durable.value > 0) listeners_.at(shard)->on_durable(shard, said.durable);
    if (!said.lost) continue;
    failed_ = true;
    listeners_.at(shard)->on_failed(shard, said.lost->first, blamed_.value_or(said.lost->second));
  }
}

void paced_journal::on_durable(shard_id shard, log_index index) {
  const std::lock_guard lock(mutex_);
  auto& said = outcomes_[shard].durable;
  said = std::max(said, index);
  said_.notify_one();
}

void paced_journal::on_failed(shard_id shard, log_index index, const error& why) {
  const std::lock_guard lock(mutex_);
  auto& lost = outcomes_[shard].lost;
  if (!lost) lost.emplace(index, why);
  said_.notify_one();
}

void paced_journal::on_rot(shard_id shard, log_index index, const error& why) {
  if (!gone_) listeners_.at(shard)->on_rot(shard, index, why);
}

result<void> paced_journal::truncate_suffix(shard_id shard, log_index from) {
  if (with_.truncated && !gone_) with_.truncated(shard, from);
  return behind_->truncate_suffix(shard, from);
}
result<storage::log_survey> paced_journal::survey(shard_id shard, log_index from, std::size_t size_bytes_max) {
  return behind_->survey(shard, from, size_bytes_max);
}
bool paced_journal::quiet(shard_id shard) const {
  const auto of_shard = [shard](const batch& one) { return one.shard == shard; };
  // The journal behind is waited for.
  return std::ranges::none_of(group_, of_shard) && std::ranges::none_of(queue_, of_shard);
}
/// Takes no time of the world's, as votes don't.
result<void> paced_journal::mend(shard_id shard, std::vector<storage::log_entry> batches, log_index last) {
  const bool shortened = last < behind_->bounds(shard).last;
  BV_TRY(behind_->mend(shard, batches, last));
  if (gone_) return {};
  if (with_.truncated && shortened) with_.truncated(shard, last.next());
  for (const auto& one : batches) with_.written(shard, one.index, one.data);
  return {};
}
result<void> paced_journal::drop_prefix(shard_id shard, log_index through) { return behind_->drop_prefix(shard, through); }
result<std::vector<storage::log_entry>> paced_journal::read(shard_id shard, log_index from, std::size_t size_bytes_max) {
  return behind_->read(shard, from, size_bytes_max);
}
result<log_index> paced_journal::find(shard_id shard, storage::event_offset offset) { return behind_->find(shard, offset); }
storage::log_bounds paced_journal::bounds(shard_id shard) const { return behind_->bounds(shard); }
result<storage::hard_state> paced_journal::read_hard_state(shard_id shard) { return behind_->read_hard_state(shard); }
result<void> paced_journal::write_hard_state(shard_id shard, const storage::hard_state& state) {
  return behind_->write_hard_state(shard, state);
}
void paced_journal::write_cursor(std::string_view subscription, shard_id shard, storage::event_offset offset) {
  behind_->write_cursor(subscription, shard, offset);
  if (with_.noted && !gone_) with_.noted(subscription, shard, offset);
}
result<storage::event_offset> paced_journal::read_cursor(std::string_view subscription, shard_id shard) {
  return behind_->read_cursor(subscription, shard);
}

void paced_journal::close() {
  while (writing_) finish_write();
  behind_->close();
}

}  // namespace bv::sim
