#include "storage/rocks/rocks_derived.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "storage/coding.hpp"
#include "storage/replay.hpp"
#include "storage/rocks/status.hpp"

namespace bv::storage {
namespace {

/// Changes gather this long, so that those of a hot entity become one write.
constexpr std::chrono::milliseconds gather_time{500};
/// … or until so many entities have changed.
constexpr std::uint64_t gather_rows_max = 65'536;
/// All shards together hold about this much in memory. A shard beyond its part of it, which means that
/// RocksDB has fallen far behind, waits for the disk in apply() after all: the last resort against unbounded
/// memory and an unbounded replay.
constexpr std::size_t staged_size_bytes_max = std::size_t{64} << 20;
/// The store is flushed whenever the log has grown by this much, or this many updates were applied: a start
/// after a crash replays about as much, in well under a second.
constexpr std::uint64_t log_bytes_between_flushes = std::uint64_t{48} << 20;
constexpr std::uint64_t updates_between_flushes = 150'000;

bytes row_key(char kind, shard_id shard, std::string_view entity) {
  bytes key(1, kind);
  put_key16(key, shard.value);
  key.append(entity);
  return key;
}

bytes timer_key(shard_id shard, timestamp due, std::string_view entity) {
  bytes key(1, 't');
  put_key16(key, shard.value);
  // The sign bit is turned, so that moments before 1970 sort first.
  put_key64(key, static_cast<std::uint64_t>(due.ns) ^ (std::uint64_t{1} << 63));
  key.append(entity);
  return key;
}

constexpr std::size_t key_head_size = 1 + 2;

void put_row(rocksdb::WriteBatch& batch, shard_id shard, const entity_update& update) {
  bytes row;
  put_varint(row, update.version);
  put_varint(row, update.index.value);
  put_fixed(row, update.wake_after.ns);
  batch.Put(row_key('e', shard, update.entity.text()), row);
}

void put_snapshot(rocksdb::WriteBatch& batch, shard_id shard, const entity_update& update) {
  if (!update.taken) return;
  bytes snap;
  put_varint(snap, update.taken->version);
  put_varint(snap, update.taken->index.value);
  snap.append(update.taken->data);
  batch.Put(row_key('s', shard, update.entity.text()), snap);
}

void put_timer(rocksdb::WriteBatch& batch, shard_id shard, const entity_update& update) {
  const auto& entity = update.entity.text();
  if (update.wake_before.ns != 0 && update.wake_before != update.wake_after)
    batch.Delete(timer_key(shard, update.wake_before, entity));
  if (update.wake_after.ns != 0) batch.Put(timer_key(shard, update.wake_after, entity), "");
}

tl::unexpected<error> malformed(const entity_key& entity) {
  return failure(error_kind::internal, "derived_corrupt",
                 "a row of the derived store is malformed; remove the folder derived/ and it is built anew",
                 entity.text());
}

std::size_t size_of(const entity_update& update) {
  return update.entity.text().size() + sizeof update + (update.taken ? update.taken->data.size() : 0);
}

}  // namespace

rocks_derived::rocks_derived(std::shared_ptr<derived_db> db, std::uint16_t shards,
                             std::function<std::uint64_t()> log_bytes)
    : db_(std::move(db)), log_bytes_(std::move(log_bytes)) {
  for (std::uint16_t i = 0; i < shards; ++i) {
    stages_.push_back(std::make_unique<stage>());
    stages_.back()->through = stages_.back()->written = db_->durable_through(shard_id{i});
  }
  writer_ = std::thread([this] { run_writer(); });
}

rocks_derived::~rocks_derived() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_writer_.notify_one();
  writer_.join();
  // Tables may keep the database open for longer than the journal that its hooks speak to.
  db_->set_hooks({});
}

void rocks_derived::apply(shard_id shard, log_index through, std::vector<entity_update> updates) {
  auto& into = *stages_.at(shard.value);
  const auto count = updates.size();
  std::uint64_t rows = 0;
  bool full = false;
  {
    const std::lock_guard lock(into.mutex);
    for (auto& update : updates) {
      into.size_bytes += size_of(update);
      const auto [at, added] = into.fresh.try_emplace(update.entity.text());
      rows += added;
      if (added)
        at->second = std::move(update);
      else
        merge_update(at->second, std::move(update));
    }
    into.through = std::max(into.through, through);
    full = into.size_bytes > staged_size_bytes_max / stages_.size();
  }
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    wake = updates_ == 0 || (rows_ < gather_rows_max && rows_ + rows >= gather_rows_max);
    updates_ += std::max<std::uint64_t>(count, 1);
    rows_ += rows;
  }
  if (wake) wake_writer_.notify_one();
  // A failure is told by the database's hook, which stops the journal.
  if (full) drain(shard).has_value();
}

void rocks_derived::run_writer() {
  std::uint64_t updates = 0, flushed_at = log_bytes_();
  std::unique_lock lock(mutex_);
  while (!closing_) {
    wake_writer_.wait(lock, [this] { return updates_ != 0 || flush_wanted_ || closing_; });
    wake_writer_.wait_for(lock, gather_time, [this] { return rows_ >= gather_rows_max || flush_wanted_ || closing_; });
    updates += std::exchange(updates_, 0);
    rows_ = 0;
    if (closing_) return;
    const bool wanted = std::exchange(flush_wanted_, false);
    lock.unlock();
    const auto drained = drain_all();
    const auto log_bytes = log_bytes_();
    if (drained &&
        (wanted || updates >= updates_between_flushes || log_bytes - flushed_at >= log_bytes_between_flushes)) {
      // A flush that fails is told by the database's hook.
      db_->flush(false).has_value();
      updates = 0;
      flushed_at = log_bytes;
    }
    lock.lock();
  }
}

void rocks_derived::flush_soon() {
  {
    const std::lock_guard lock(mutex_);
    flush_wanted_ = true;
  }
  wake_writer_.notify_one();
}

result<void> rocks_derived::drain(shard_id shard) {
  const std::lock_guard only(drain_mutex_);
  auto& from = *stages_.at(shard.value);
  log_index through;
  {
    const std::lock_guard lock(from.mutex);
    if (from.draining.empty()) from.draining.swap(from.fresh);
    // What an earlier drain could not write comes first, and is still in `draining`.
    for (auto& [entity, update] : from.fresh) {
      const auto [at, added] = from.draining.try_emplace(entity);
      if (added)
        at->second = std::move(update);
      else
        merge_update(at->second, std::move(update));
    }
    from.fresh.clear();
    from.size_bytes = 0;
    through = from.through;
    if (from.draining.empty() && through == from.written) return {};
  }
  // In the order of keys, kind by kind: RocksDB's memtable takes neighbours several times faster.
  std::vector<const entity_update*> sorted;
  sorted.reserve(from.draining.size());
  for (const auto& [entity, update] : from.draining) sorted.push_back(&update);
  std::ranges::sort(sorted, {},
                    [](const auto* update) -> const std::string& { return update->entity.text(); });
  rocksdb::WriteBatch batch;
  for (const auto put : {put_row, put_snapshot, put_timer})
    for (const auto* update : sorted) put(batch, shard, *update);
  derived_db::put_mark(batch, shard, through);
  BV_TRY(db_->write(batch));
  db_->marked(shard, through);
  const std::lock_guard lock(from.mutex);
  from.draining.clear();
  from.written = through;
  return {};
}

result<void> rocks_derived::drain_all() {
  for (std::uint16_t i = 0; i < stages_.size(); ++i) {
    {
      const std::lock_guard only(drain_mutex_);
      const std::lock_guard lock(stages_[i]->mutex);
      if (stages_[i]->fresh.empty() && stages_[i]->draining.empty()) continue;
    }
    BV_TRY(drain(shard_id{i}));
  }
  return {};
}

result<std::optional<entity_row>> rocks_derived::find(shard_id shard, const entity_key& entity) {
  auto& staged = *stages_.at(shard.value);
  for (;;) {
    entity_row row;
    bool known = false;
    {
      const std::lock_guard lock(staged.mutex);
      for (const auto* rows : {&staged.draining, &staged.fresh}) {
        const auto found = rows->find(entity.text());
        if (found == rows->end()) continue;
        known = true;
        row.version = found->second.version;
        row.last = found->second.index;
        row.wake = found->second.wake_after;
        if (found->second.taken) row.newest_snapshot = found->second.taken;
      }
    }
    if (known && row.newest_snapshot) return std::optional{std::move(row)};
    BV_ASSIGN(const bool stored, find_stored(shard, entity, known, row));
    if (!known && !stored) return std::optional<entity_row>{};
    // Between the two looks a later row may have been written, snapshot and all: look again.
    if (!row.newest_snapshot || row.newest_snapshot->version <= row.version)
      return std::optional{std::move(row)};
  }
}

bool rocks_derived::certainly_absent(shard_id shard, const entity_key& entity) {
  auto& staged = *stages_.at(shard.value);
  {
    const std::lock_guard lock(staged.mutex);
    if (staged.draining.contains(entity.text()) || staged.fresh.contains(entity.text())) return false;
  }
  // Memtables, filters and cached blocks only; what they can't tell comes back as incomplete.
  rocksdb::ReadOptions in_memory;
  in_memory.read_tier = rocksdb::kBlockCacheTier;
  rocksdb::PinnableSlice value;
  return db_->db()
      .Get(in_memory, db_->db().DefaultColumnFamily(), row_key('e', shard, entity.text()), &value)
      .IsNotFound();
}

result<bool> rocks_derived::find_stored(shard_id shard, const entity_key& entity, bool row_known,
                                        entity_row& row) {
  std::string value;
  if (!row_known) {
    const auto status = db_->db().Get({}, row_key('e', shard, entity.text()), &value);
    if (status.IsNotFound()) return false;
    BV_TRY(checked(status, "can't read the row of " + entity.text()));
    decoder in(value);
    row.version = in.varint();
    row.last = log_index{in.varint()};
    row.wake.ns = in.fixed<std::int64_t>();
    if (!in.ok) return malformed(entity);
  }
  const auto status = db_->db().Get({}, row_key('s', shard, entity.text()), &value);
  if (status.IsNotFound()) return true;
  BV_TRY(checked(status, "can't read the snapshot of " + entity.text()));
  decoder in(value);
  snapshot found;
  found.version = in.varint();
  found.index = log_index{in.varint()};
  if (!in.ok) return malformed(entity);
  found.data.assign(in.rest);
  row.newest_snapshot = std::move(found);
  return true;
}

rocks_derived::wake_ups rocks_derived::staged_wake_ups(shard_id shard) {
  auto& staged = *stages_.at(shard.value);
  wake_ups found;
  const std::lock_guard lock(staged.mutex);
  for (const auto* rows : {&staged.draining, &staged.fresh})
    for (const auto& [entity, update] : *rows) found[entity] = update.wake_after;
  return found;
}

result<std::vector<due_entity>> rocks_derived::due(shard_id shard, const due_entity& after, timestamp until,
                                                   std::size_t count_max) {
  // What is staged comes first: an entity that is in both is as the stage says.
  const auto staged = staged_wake_ups(shard);
  std::vector<std::pair<timestamp, std::string>> found;
  const std::pair from{after.due, after.entity.text()};
  for (const auto& [entity, due] : staged)
    if (due.ns != 0 && due <= until && std::pair(due, entity) > from) found.emplace_back(due, entity);

  const auto end = timer_key(shard, timestamp{until.ns + (until.ns != INT64_MAX)}, {});
  const rocksdb::Slice bound(end);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &bound;
  const std::unique_ptr<rocksdb::Iterator> at(db_->db().NewIterator(options));
  std::size_t stored = 0;
  for (at->Seek(timer_key(shard, after.due, after.entity.text())); at->Valid() && stored < count_max;
       at->Next()) {
    decoder in(at->key().ToStringView().substr(key_head_size));
    const timestamp due{static_cast<std::int64_t>(in.key64() ^ (std::uint64_t{1} << 63))};
    std::pair timer(due, std::string(in.rest));
    if (timer <= from || staged.contains(timer.second)) continue;
    found.push_back(std::move(timer));
    ++stored;
  }
  BV_TRY(checked(at->status(), "can't read the timers"));

  std::ranges::sort(found);
  if (found.size() > count_max) found.resize(count_max);
  std::vector<due_entity> answer;
  for (const auto& [due, text] : found) {
    BV_ASSIGN(auto entity, entity_key::parse(text));
    answer.push_back({due, std::move(entity)});
  }
  return answer;
}

result<std::vector<entity_key>> rocks_derived::list(shard_id shard, std::string_view tenant,
                                                    std::string_view type, std::string_view after_id,
                                                    std::size_t count_max) {
  BV_TRY(drain(shard));
  const auto prefix = row_key('e', shard, std::string(tenant) + "/" + std::string(type) + "/");
  const auto start = prefix + std::string(after_id);
  const std::unique_ptr<rocksdb::Iterator> at(db_->db().NewIterator({}));
  std::vector<entity_key> found;
  for (at->Seek(start); at->Valid() && found.size() < count_max; at->Next()) {
    const auto key = at->key().ToStringView();
    if (!key.starts_with(prefix)) break;
    if (key == start) continue;
    BV_ASSIGN(auto entity, entity_key::parse(key.substr(key_head_size)));
    found.push_back(std::move(entity));
  }
  BV_TRY(checked(at->status(), "can't list entities"));
  return found;
}

log_index rocks_derived::through(shard_id shard) const {
  auto& of = *stages_.at(shard.value);
  const std::lock_guard lock(of.mutex);
  return of.through;
}

log_index rocks_derived::durable_through(shard_id shard) const {
  return db_->durable_through(shard);
}

result<void> rocks_derived::flush() {
  for (std::uint16_t i = 0; i < stages_.size(); ++i) BV_TRY(drain(shard_id{i}));
  return db_->flush(true);
}

}  // namespace bv::storage
