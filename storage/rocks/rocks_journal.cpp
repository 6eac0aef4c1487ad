// Natural batching: append() only queues. The writer takes all that is queued, makes one RocksDB write of it
// (one fsync), tells each shard once how far it is durable, and looks again. An idle journal commits a lone
// append at once; a busy one commits as much as arrives in the time of one fsync; nothing is tuned or timed.
//
// A failed write or fsync is final: after it nobody knows what the page cache still holds (see "Can
// Applications Recover from fsync Failures?", USENIX ATC 2020), so nothing is retried, and what was being
// written is cut off the log.
#include "storage/rocks/rocks_journal.hpp"

#include <chrono>

#include "protocols/schema/base/assert.hpp"
#include "storage/batch.hpp"
#include "storage/log_rules.hpp"

namespace bv::storage {
namespace {

/// One commit takes at most this much, so that its memory is bounded and the first reply doesn't wait for
/// all.
constexpr std::size_t commit_size_bytes_max = std::size_t{8} << 20;
/// Appends are admitted by the runtime, which bounds what is in flight; more than this is a bug in it.
constexpr std::size_t queued_bytes_max = std::size_t{1} << 30;
/// With durability "os": how much a power cut may take.
constexpr std::chrono::milliseconds background_sync_interval{100};

/// Which of the batches that a read came upon it was.
log_index first_rotten(log_db& db, shard_id shard, log_index from, std::size_t size_bytes_max) {
  const auto seen = db.survey(shard, from, size_bytes_max);
  return seen && !seen->rotten.empty() ? seen->rotten.front() : log_index{};
}

tl::unexpected<error> closed() {
  return failure(error_kind::unavailable, "journal_closed", "the journal was closed");
}

}  // namespace

rocks_journal::rocks_journal(std::unique_ptr<log_db> db, std::shared_ptr<folder_lock> lock,
                             const store_options& options)
    : lock_(std::move(lock)),
      db_(std::move(db)),
      durable_(options.durable),
      on_commit_(options.on_commit),
      on_note_(options.on_note),
      listeners_(options.shards),
      outcome_(options.shards) {
  for (std::uint16_t i = 0; i < options.shards; ++i) appended_.push_back(db_->bounds(shard_id{i}).last);
  writer_ = std::thread([this] { run_writer(); });
  if (durable_ == durability::os) syncer_ = std::thread([this] { run_syncer(); });
}

rocks_journal::~rocks_journal() {
  close();
}

void rocks_journal::listen(shard_id shard, journal_listener& listener) {
  const std::lock_guard lock(mutex_);
  listeners_.at(shard.value) = &listener;
}

void rocks_journal::append(shard_id shard, log_index index, shared_bytes data) {
  std::unique_lock lock(mutex_);
  auto* const listener = listeners_.at(shard.value);
  BV_ASSERT(listener, "a shard appends before it listens");
  if (closing_) {
    lock.unlock();
    listener->on_failed(shard, index, closed().value());
    return;
  }
  auto& appended = appended_[shard.value];
  BV_ASSERT(failed_ || index == appended.next(), "a batch does not follow the last appended one");
  appended = index;
  queued_bytes_ += data->size();
  BV_ASSERT(queued_bytes_ <= queued_bytes_max, "more is queued than admission may let in");
  batches_.push_back({shard, index, std::move(data)});
  const bool wake = std::exchange(writer_waits_, false);
  lock.unlock();
  if (wake) wake_writer_.notify_one();
}

result<void> rocks_journal::change(std::function<void(log_db&)> add) {
  std::future<result<void>> done;
  {
    const std::lock_guard lock(mutex_);
    if (closing_) return closed();
    if (failed_) return failure(*failed_);
    changes_.push_back({std::move(add), {}});
    done = changes_.back().done.get_future();
    writer_waits_ = false;
  }
  wake_writer_.notify_one();
  return done.get();
}

result<void> rocks_journal::truncate_suffix(shard_id shard, log_index from) {
  auto bounds = db_->bounds(shard);
  {
    const std::lock_guard lock(mutex_);
    BV_ASSERT(failed_ || appended_.at(shard.value) == bounds.last, "truncation with appends in flight");
  }
  if (from > bounds.last) return {};
  if (from < bounds.first) return dropped(shard, bounds);
  if (from == bounds.first) {
    if (from != log_index{1}) return dropped(shard, bounds);
    bounds = {};
  } else {
    bytes data;
    BV_ASSIGN(const auto last, db_->batch_at(shard, log_index{from.value - 1}, data));
    extend(bounds, last);
  }
  BV_TRY(change([=](log_db& db) {
    db.set_bounds(shard, bounds);
    db.erase_from(shard, from);
  }));
  const std::lock_guard lock(mutex_);
  appended_[shard.value] = bounds.last;
  return {};
}

result<void> rocks_journal::drop_prefix(shard_id shard, log_index through) {
  const auto before = db_->bounds(shard);
  const auto limit = droppable_through(before, through);
  if (limit < before.first) return {};
  bytes data;
  BV_ASSIGN(const auto first, db_->batch_at(shard, limit.next(), data));
  const auto first_offset = first.first_offset();
  // The bounds change before the batches vanish: a reader that misses one looks at them again.
  BV_TRY(change([=](log_db& db) {
    auto bounds = db.bounds(shard);
    bounds.first = limit.next();
    bounds.first_offset = first_offset;
    db.set_bounds(shard, bounds);
    db.drop_before(shard, before.first, limit.next());
  }));
  return db_->reclaim(shard, limit.next());
}

result<std::vector<log_entry>> rocks_journal::read(shard_id shard, log_index from,
                                                   std::size_t size_bytes_max) {
  auto page = db_->read(shard, from, size_bytes_max);
  if (page || !is_rot(page.error())) return page;
  const auto rotten = first_rotten(*db_, shard, from, size_bytes_max);
  // It may just have been mended.
  if (rotten.value == 0) page = db_->read(shard, from, size_bytes_max);
  if (!page) tell_of_rot(shard, rotten, page.error());
  return page;
}

result<log_index> rocks_journal::find(shard_id shard, event_offset offset) {
  auto found = db_->find(shard, offset);
  if (!found && is_rot(found.error())) tell_of_rot(shard, {}, found.error());
  return found;
}

void rocks_journal::tell_of_rot(shard_id shard, log_index index, const error& why) {
  journal_listener* listener = nullptr;
  {
    const std::lock_guard lock(mutex_);
    listener = listeners_.at(shard.value);
  }
  if (listener) listener->on_rot(shard, index, why);
}

result<log_survey> rocks_journal::survey(shard_id shard, log_index from, std::size_t size_bytes_max) {
  return db_->survey(shard, from, size_bytes_max);
}

bool rocks_journal::quiet(shard_id shard) const {
  const std::lock_guard lock(mutex_);
  return appended_.at(shard.value) == db_->bounds(shard).last && !telling_;
}

result<void> rocks_journal::mend(shard_id shard, std::vector<log_entry> batches, log_index last) {
  const auto before = db_->bounds(shard);
  BV_ASSERT(last >= before.first && last <= before.last, "a log is mended beyond its ends");
  {
    const std::lock_guard lock(mutex_);
    BV_ASSERT(appended_.at(shard.value) == before.last, "a log is mended with appends in flight");
  }
  auto bounds = before;
  bounds.last = last;
  bounds = db_->ends_of(shard, bounds, batches);
  const auto fresh = std::make_shared<const std::vector<log_entry>>(std::move(batches));
  BV_TRY(change([=](log_db& db) {
    db.set_bounds(shard, bounds);
    if (last < before.last) db.erase_from(shard, last.next());
    for (const auto& one : *fresh) db.put_batch(shard, one.index, one.data);
  }));
  const std::lock_guard lock(mutex_);
  appended_[shard.value] = last;
  return {};
}

log_bounds rocks_journal::bounds(shard_id shard) const {
  return db_->bounds(shard);
}

result<hard_state> rocks_journal::read_hard_state(shard_id shard) {
  return db_->read_hard_state(shard);
}

result<void> rocks_journal::write_hard_state(shard_id shard, const hard_state& state) {
  return change([=](log_db& db) { db.put_hard_state(shard, state); });
}

void rocks_journal::write_cursor(std::string_view subscription, shard_id shard, event_offset offset) {
  const std::lock_guard lock(mutex_);
  cursors_[{std::string(subscription), shard.value}] = offset;
}

result<event_offset> rocks_journal::read_cursor(std::string_view subscription, shard_id shard) {
  {
    const std::pair key{std::string(subscription), shard.value};
    const std::lock_guard lock(mutex_);
    for (const auto* cursors : {&cursors_, &writing_})
      if (const auto found = cursors->find(key); found != cursors->end()) return found->second;
  }
  return db_->read_cursor(subscription, shard);
}

rocks_journal::work rocks_journal::next_work() {
  work todo;
  std::unique_lock lock(mutex_);
  writing_.clear();
  while (batches_.empty() && changes_.empty() && !closing_) {
    writer_waits_ = true;
    wake_writer_.wait(lock);
  }
  writer_waits_ = false;
  std::size_t size_bytes = 0;
  while (!batches_.empty() && size_bytes < commit_size_bytes_max) {
    size_bytes += batches_.front().data->size();
    todo.batches.push_back(std::move(batches_.front()));
    batches_.pop_front();
  }
  queued_bytes_ -= size_bytes;
  todo.changes.swap(changes_);
  todo.cursors.swap(cursors_);
  writing_ = todo.cursors;
  todo.failed = failed_;
  todo.stop = closing_ && batches_.empty();
  return todo;
}

void rocks_journal::run_writer() {
  for (bool stop = false; !stop;) {
    auto todo = next_work();
    stop = todo.stop;
    if (todo.failed)
      report(todo, todo.failed);
    else if (!todo.batches.empty() || !todo.changes.empty() || !todo.cursors.empty())
      commit(todo);
    for (auto& change : todo.changes)
      if (todo.failed)
        change.done.set_value(failure(*todo.failed));
      else
        change.done.set_value({});
  }
}

result<void> rocks_journal::write(const work& todo) {
  db_->begin();
  for (const auto& [shard, index, data] : todo.batches) db_->put_batch(shard, index, *data);
  for (const auto& change : todo.changes) change.add(*db_);
  for (const auto& [key, offset] : todo.cursors) db_->put_cursor(key.first, shard_id{key.second}, offset);
  return db_->write(durable_ == durability::fsync || !todo.changes.empty());
}

void rocks_journal::commit(work& todo) {
  using clock = std::chrono::steady_clock;  // tidy-allow: clock: measures the disk, decides nothing
  const auto start = clock::now();
  if (auto written = write(todo); !written) {
    todo.failed = std::move(written).error();
    {
      const std::lock_guard lock(mutex_);
      if (!failed_) failed_ = todo.failed;
    }
    if (on_note_) on_note_("journal: stopped for good: " + describe(*todo.failed));
    report(todo, todo.failed);
    return;
  }
  stats_.write_ns = (clock::now() - start) / std::chrono::nanoseconds(1);
  if (durable_ == durability::os) {
    const std::lock_guard lock(mutex_);
    unsynced_ = true;
    wake_syncer_.notify_one();
  }
  set_telling(true);
  publish(todo);
  report(todo, {});
  set_telling(false);
}

void rocks_journal::set_telling(bool now) {
  const std::lock_guard lock(mutex_);
  telling_ = now;
}

void rocks_journal::publish(const work& todo) {
  std::uint64_t size_bytes = 0;
  for (const auto& [shard, index, data] : todo.batches) {
    const auto batch = batch_reader::open(*data);
    BV_ASSERT(batch && batch->index() == index, "a batch was not sealed for its index");
    auto bounds = db_->bounds(shard);
    extend(bounds, *batch);
    db_->set_bounds(shard, bounds);
    ++stats_.batches;
    stats_.records += batch->record_count();
    size_bytes += data->size();
  }
  stats_.size_bytes += size_bytes;
  written_bytes_.fetch_add(size_bytes, std::memory_order_relaxed);
  if (on_commit_ && !todo.batches.empty()) on_commit_(stats_);
}

void rocks_journal::report(const work& todo, const std::optional<error>& why) {
  outcome_.assign(outcome_.size(), log_index{});
  for (const auto& batch : todo.batches) {
    auto& told = outcome_[batch.shard.value];
    if (!why || told.value == 0) told = batch.index;
  }
  for (std::uint16_t i = 0; i < outcome_.size(); ++i) {
    if (outcome_[i].value == 0) continue;
    if (why)
      listeners_[i]->on_failed(shard_id{i}, outcome_[i], *why);
    else
      listeners_[i]->on_durable(shard_id{i}, outcome_[i]);
  }
}

void rocks_journal::run_syncer() {
  std::unique_lock lock(mutex_);
  while (!closing_) {
    wake_syncer_.wait(lock, [this] { return unsynced_ || closing_; });
    // What a power cut may take is bounded by time; a stop does not wait for it.
    wake_syncer_.wait_for(lock, background_sync_interval, [this] { return closing_; });
    unsynced_ = false;
    lock.unlock();
    const auto synced = db_->sync();
    if (!synced) fail(synced.error());
    lock.lock();
    if (!synced) return;
  }
}

void rocks_journal::fail(const error& why) {
  {
    const std::lock_guard lock(mutex_);
    if (failed_) return;
    failed_ = why;
    writer_waits_ = false;
  }
  if (on_note_) on_note_("journal: stopped for good: " + describe(why));
  wake_writer_.notify_one();
}

result<void> rocks_journal::sync() {
  return durable_ == durability::fsync ? result<void>{} : db_->sync();
}

void rocks_journal::close() {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    closing_ = closed_ = true;
  }
  wake_writer_.notify_one();
  wake_syncer_.notify_one();
  writer_.join();
  if (syncer_.joinable()) syncer_.join();
  {
    const std::lock_guard lock(mutex_);
    if (failed_) return;
  }
  // An empty write-ahead log: the next start replays nothing, and no rot can be taken for a torn tail.
  if (auto flushed = db_->flush(); !flushed && on_note_)
    on_note_("journal: closed without a flush, the next start replays: " + describe(flushed.error()));
}

}  // namespace bv::storage
