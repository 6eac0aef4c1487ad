#include "protocols/schema/base/assert.hpp"
#include "storage/batch.hpp"
#include "storage/log_rules.hpp"
#include "storage/memory_state.hpp"

namespace bv::storage {
namespace {

class memory_journal final : public journal {
 public:
  explicit memory_journal(std::shared_ptr<memory_state> state)
      : state_(std::move(state)), generation_(state_->generation) {}
  ~memory_journal() override { close(); }

  void listen(shard_id shard, journal_listener& listener) override {
    const std::lock_guard lock(state_->mutex);
    if (alive()) state_->listeners.at(shard.value) = &listener;
  }

  void append(shard_id shard, log_index index, shared_bytes data) override {
    {
      const std::lock_guard lock(state_->mutex);
      if (!alive()) return;
      BV_ASSERT(state_->listeners.at(shard.value), "a shard appends before it listens");
      auto& appended = state_->appended[shard.value];
      BV_ASSERT(state_->failed || index == appended.next(), "a batch does not follow the last appended one");
      appended = index;
      state_->queue.push_back({shard, index, *data});
      if (state_->when == completion::by_hand && !state_->failed) return;
    }
    state_->drain();
  }

  using journal::append;

  result<void> truncate_suffix(shard_id shard, log_index from) override {
    const std::lock_guard lock(state_->mutex);
    BV_TRY(writable());
    auto& log = state_->logs.at(shard.value);
    BV_ASSERT(state_->appended[shard.value] == log.bounds.last, "truncation with appends in flight");
    if (from > log.bounds.last) return {};
    if (from < log.bounds.first || (from == log.bounds.first && from != log_index{1}))
      return dropped(shard, log.bounds);
    log.batches.resize(from.value - log.bounds.first.value);
    if (log.batches.empty()) {
      log.bounds = {};
    } else {
      BV_ASSIGN(const auto last, batch_reader::open(log.batches.back()));
      extend(log.bounds, last);
    }
    state_->appended[shard.value] = log.bounds.last;
    return {};
  }

  result<void> drop_prefix(shard_id shard, log_index through) override {
    const std::lock_guard lock(state_->mutex);
    BV_TRY(writable());
    auto& log = state_->logs.at(shard.value);
    const auto limit = droppable_through(log.bounds, through);
    while (log.bounds.first <= limit) {
      log.batches.pop_front();
      log.bounds.first = log.bounds.first.next();
    }
    BV_ASSIGN(const auto first, batch_reader::open(log.batches.front()));
    log.bounds.first_offset = first.first_offset();
    return {};
  }

  result<std::vector<log_entry>> read(shard_id shard, log_index from, std::size_t size_bytes_max) override {
    journal_listener* listener = nullptr;
    log_index rotten;
    auto page = read(shard, from, size_bytes_max, listener, rotten);
    if (rotten.value > 0 && listener) listener->on_rot(shard, rotten, page.error());
    return page;
  }

  result<log_survey> survey(shard_id shard, log_index from, std::size_t size_bytes_max) override {
    const std::lock_guard lock(state_->mutex);
    if (!alive()) return store_closed();
    const auto& log = state_->logs.at(shard.value);
    log_survey seen{std::max(from, log.bounds.first), false, {}};
    std::size_t size_bytes = 0;
    for (; seen.next <= log.bounds.last && size_bytes < size_bytes_max; seen.next = seen.next.next()) {
      const auto& data = log.batches[seen.next.value - log.bounds.first.value];
      if (!sound(data, seen.next)) seen.rotten.push_back(seen.next);
      size_bytes += data.size();
    }
    seen.at_end = seen.next > log.bounds.last;
    return seen;
  }

  bool quiet(shard_id shard) const override {
    const std::lock_guard lock(state_->mutex);
    return state_->appended[shard.value] == state_->logs.at(shard.value).bounds.last;
  }

  result<void> mend(shard_id shard, std::vector<log_entry> batches, log_index last) override {
    const std::lock_guard lock(state_->mutex);
    BV_TRY(writable());
    auto& log = state_->logs.at(shard.value);
    BV_ASSERT(state_->appended[shard.value] == log.bounds.last, "a log is mended with appends in flight");
    BV_ASSERT(last >= log.bounds.first && last <= log.bounds.last, "a log is mended beyond its ends");
    log.batches.resize(last.value - log.bounds.first.value + 1);
    for (auto& one : batches) log.batches[one.index.value - log.bounds.first.value] = std::move(one.data);
    log.bounds.last = state_->appended[shard.value] = last;
    const auto front = batch_reader::open(log.batches.front()), back = batch_reader::open(log.batches.back());
    if (front) log.bounds.first_offset = front->first_offset();
    if (back) extend(log.bounds, *back);
    return {};
  }

  result<log_index> find(shard_id shard, event_offset offset) override {
    const std::lock_guard lock(state_->mutex);
    if (!alive()) return store_closed();
    const auto& log = state_->logs.at(shard.value);
    return find_offset(shard, log.bounds, offset, [&](log_index at) -> result<batch_reader> {
      auto batch = batch_reader::open(log.batches[at.value - log.bounds.first.value]);
      if (!batch) return corrupt_at(shard, at, std::move(batch).error());
      return batch;
    });
  }

  log_bounds bounds(shard_id shard) const override {
    const std::lock_guard lock(state_->mutex);
    return state_->logs.at(shard.value).bounds;
  }

  result<hard_state> read_hard_state(shard_id shard) override {
    const std::lock_guard lock(state_->mutex);
    if (!alive()) return store_closed();
    return state_->logs.at(shard.value).hard;
  }

  result<void> write_hard_state(shard_id shard, const hard_state& state) override {
    const std::lock_guard lock(state_->mutex);
    BV_TRY(writable());
    state_->logs.at(shard.value).hard = state;
    return {};
  }

  void write_cursor(std::string_view subscription, shard_id shard, event_offset offset) override {
    const std::lock_guard lock(state_->mutex);
    if (alive()) state_->fresh_cursors[{std::string(subscription), shard.value}] = offset;
  }

  result<event_offset> read_cursor(std::string_view subscription, shard_id shard) override {
    const std::lock_guard lock(state_->mutex);
    if (!alive()) return store_closed();
    const std::pair key{std::string(subscription), shard.value};
    for (const auto* cursors : {&state_->fresh_cursors, &state_->cursors})
      if (const auto found = cursors->find(key); found != cursors->end()) return found->second;
    return event_offset{};
  }

  void close() override {
    state_->drain_if(generation_);
    const std::lock_guard lock(state_->mutex);
    if (!alive()) return;
    if (!state_->failed)
      for (const auto& [key, offset] : std::exchange(state_->fresh_cursors, {}))
        state_->cursors[key] = offset;
    // Reads go on until the next store is opened; appends are over.
    if (!state_->failed)
      state_->failed = error{error_kind::unavailable, "journal_closed", "the journal was closed"};
  }

 private:
  static bool sound(const bytes& data, log_index index) {
    return verify_batch(data) && batch_reader::open(data)->index() == index;
  }

  result<std::vector<log_entry>> read(shard_id shard, log_index from, std::size_t size_bytes_max,
                                      journal_listener*& listener, log_index& rotten) {
    const std::lock_guard lock(state_->mutex);
    if (!alive()) return store_closed();
    const auto& log = state_->logs.at(shard.value);
    if (from < log.bounds.first) return dropped(shard, log.bounds);
    std::vector<log_entry> page;
    std::size_t size_bytes = 0;
    for (auto at = from; at <= log.bounds.last && (page.empty() || size_bytes < size_bytes_max);
         at = at.next()) {
      const auto& data = log.batches[at.value - log.bounds.first.value];
      if (auto sound = verify_batch(data); !sound) {
        listener = state_->listeners.at(shard.value);
        rotten = at;
        return corrupt_at(shard, at, std::move(sound).error());
      }
      size_bytes += data.size();
      page.push_back({at, data});
    }
    return page;
  }

  bool alive() const { return state_->generation == generation_; }

  result<void> writable() const {
    if (!alive()) return store_closed();
    if (state_->failed) return failure(*state_->failed);
    return {};
  }

  std::shared_ptr<memory_state> state_;
  const std::uint64_t generation_;
};

}  // namespace

std::unique_ptr<journal> make_memory_journal(std::shared_ptr<memory_state> state) {
  return std::make_unique<memory_journal>(std::move(state));
}

}  // namespace bv::storage
