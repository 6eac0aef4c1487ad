#include "storage/memory_state.hpp"

#include "protocols/schema/base/assert.hpp"
#include "storage/batch.hpp"
#include "storage/log_rules.hpp"
#include "storage/replay.hpp"

namespace bv::storage {
namespace {

/// What one shard is told after a commit.
struct notice {
  journal_listener* listener = nullptr;
  shard_id shard;
  log_index index;
};

void add_to_log(memory_log& log, memory_append append) {
  const auto batch = batch_reader::open(append.data);
  BV_ASSERT(batch && batch->index() == append.index, "a batch was not sealed for its index");
  extend(log.bounds, *batch);
  log.batches.push_back(std::move(append.data));
}

}  // namespace

memory_state::memory_state(std::uint16_t count, completion mode) : shards(count), when(mode), logs(count) {
  for (std::uint16_t i = 0; i < count; ++i) durable.shards.push_back(std::make_shared<memory_rows>());
  restart();
}

void memory_state::restart() {
  ++generation;
  queue.clear();
  listeners.assign(shards, nullptr);
  appended.clear();
  for (const auto& log : logs) appended.push_back(log.bounds.last);
  fresh_cursors.clear();
  failed.reset();
  delivering = false;
  on_commit = {};
  stats = {};
  current = durable;
}

std::size_t memory_state::commit(std::size_t count_max) {
  std::map<shard_id, notice> notices;
  std::size_t count = 0;
  std::unique_lock lock(mutex);
  if (delivering || queue.empty() || count_max == 0) return 0;
  const auto why = failed;
  for (; count < count_max && !queue.empty(); ++count) {
    auto append = std::move(queue.front());
    queue.pop_front();
    const auto shard = append.shard;
    auto& told = notices[shard];
    // A failure names the first batch that is lost, a success the last that is safe.
    if (!why || !told.listener) told = {listeners[shard.value], shard, append.index};
    if (why) continue;
    ++stats.batches;
    stats.records += batch_reader::open(append.data)->record_count();
    stats.size_bytes += append.data.size();
    add_to_log(logs[shard.value], std::move(append));
  }
  if (!why)
    for (const auto& [key, offset] : std::exchange(fresh_cursors, {})) cursors[key] = offset;
  delivering = true;
  const auto mine = generation;
  const auto counted = stats;
  const auto tell = why ? nullptr : on_commit;
  lock.unlock();
  if (tell) tell(counted);
  for (const auto& [shard, told] : notices) {
    if (const std::lock_guard guard(mutex); generation != mine) return count;
    if (why)
      told.listener->on_failed(shard, told.index, *why);
    else
      told.listener->on_durable(shard, told.index);
  }
  lock.lock();
  if (generation == mine) delivering = false;
  return count;
}

void memory_state::drain() {
  while (commit(static_cast<std::size_t>(-1)) != 0) {
  }
}

void memory_state::drain_if(std::uint64_t mine) {
  if (const std::lock_guard lock(mutex); generation != mine) return;
  drain();
}

memory_disk::memory_disk(std::uint16_t shards, completion when)
    : state_(std::make_shared<memory_state>(shards, when)) {}
memory_disk::~memory_disk() = default;

std::size_t memory_disk::queued() const {
  const std::lock_guard lock(state_->mutex);
  return state_->queue.size();
}

std::size_t memory_disk::commit(std::size_t count_max) {
  return state_->commit(count_max);
}

void memory_disk::fail(const error& why) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->failed = why;
  }
  state_->drain();
}

void memory_disk::crash() {
  const std::lock_guard lock(state_->mutex);
  state_->restart();
}

bool memory_disk::tamper(shard_id shard, log_index index, const std::function<void(bytes&)>& change) {
  const std::lock_guard lock(state_->mutex);
  auto& log = state_->logs.at(shard.value);
  if (index < log.bounds.first || index > log.bounds.last) return false;
  change(log.batches[index.value - log.bounds.first.value]);
  return true;
}

result<store> open_memory_store(memory_disk& disk, const memory_store_options& options) {
  auto state = disk.state_;
  {
    const std::lock_guard lock(state->mutex);
    state->restart();
    state->on_commit = options.on_commit;
  }
  store opened(make_memory_journal(state), make_memory_derived(state), make_memory_tables(state));
  for (std::uint16_t i = 0; i < state->shards && options.catches_up; ++i) {
    const shard_id shard{i};
    BV_TRY(replay_log(*opened.log, shard, opened.derived->durable_through(shard),
                      [&](log_index through, std::vector<entity_update> updates) -> result<void> {
                        opened.derived->apply(shard, through, std::move(updates));
                        return {};
                      }));
  }
  return opened;
}

}  // namespace bv::storage
