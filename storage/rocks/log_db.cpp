// Two column families. "default": one key a batch, {shard BE16, index BE64}; the bytes go to blob files when
// a memtable is flushed, so that compaction moves keys only and a batch is written twice in all (write-ahead
// log, blob) however long it lives. "meta": what is small and overwritten:
//   f                          {shard count u16}
//   h {shard BE16}             {term u64, vote u64}
//   p {shard BE16}             {first index kept u64}
//   c {shard BE16} {name}      {offset u64}
#include "storage/rocks/log_db.hpp"

#include "protocols/schema/base/mutation.hpp"
#include "storage/batch.hpp"
#include "storage/coding.hpp"
#include "storage/log_rules.hpp"
#include "storage/rocks/bounded_iterator.hpp"
#include "storage/rocks/file_system.hpp"
#include "storage/rocks/options.hpp"
#include "storage/rocks/status.hpp"
#include "storage/rocks/wal.hpp"

namespace bv::storage {
namespace {

/// At open the end of each shard's log is read and verified, as far as either allows. What is before was
/// verified by earlier starts, and is again whenever it is read.
constexpr std::uint64_t checked_batches_max = 256;
constexpr std::size_t checked_size_bytes_max = std::size_t{1} << 20;
/// No log has as many batches.
constexpr std::uint64_t present_max = std::uint64_t{1} << 40;

bytes batch_key(shard_id shard, log_index index) {
  bytes key;
  put_key16(key, shard.value);
  put_key64(key, index.value);
  return key;
}

bytes meta_key(char kind, shard_id shard, std::string_view name = {}) {
  bytes key(1, kind);
  put_key16(key, shard.value);
  key.append(name);
  return key;
}

const rocksdb::ReadOptions plain_reads;

log_index index_of(const rocksdb::Slice& key) {
  decoder in(key.ToStringView());
  in.key16();
  return log_index{in.key64()};
}

/// Verifies one batch and that it is the one that belongs there.
result<batch_reader> check_batch(shard_id shard, log_index index, bytes_view data) {
  if (auto sound = verify_batch(data); !sound) return corrupt_at(shard, index, std::move(sound).error());
  auto batch = batch_reader::open(data);
  if (batch->index() != index)
    return corrupt_at(shard, index,
                      {error_kind::internal, "journal_corrupt",
                       "the batch says that it is number " + std::to_string(batch->index().value)});
  return batch;
}

tl::unexpected<error> failed_read(shard_id shard, log_index index, const rocksdb::Status& status) {
  return corrupt_at(shard, index, to_error(status, "can't read the journal"));
}

}  // namespace

log_db::log_db(const store_options& options, std::string folder)
    : folder_(std::move(folder)),
      seam_(options.seam),
      env_(make_watched_env(options.seam)),
      bounds_(options.shards) {}

log_db::~log_db() {
  for (auto* family : {batches_, meta_})
    if (family) db_->DestroyColumnFamilyHandle(family).PermitUncheckedError();
}

result<std::unique_ptr<log_db>> log_db::open(const store_options& options) {
  std::unique_ptr<log_db> opened(new log_db(options, options.folder + "/log"));
  BV_TRY(mend_wal(opened->folder_, options.seam, options.on_note));
  BV_TRY(opened->open_database(access::full));
  BV_TRY(opened->check_settings(options.shards, access::full));
  for (std::uint16_t i = 0; i < options.shards; ++i) {
    auto loaded = opened->load_bounds(shard_id{i});
    if (loaded) continue;
    if (!options.opens_rotten || loaded.error().code != "journal_corrupt") return failure(loaded.error());
    BV_TRY(opened->load_unsound_bounds(shard_id{i}, loaded.error()));
    if (options.on_note) options.on_note("journal: opened in spite of rot, which other nodes may mend: " + describe(loaded.error()));
  }
  opened->synced_ = opened->db_->GetLatestSequenceNumber();
  return opened;
}

result<std::unique_ptr<log_db>> log_db::open_to_read(const store_options& options) {
  std::unique_ptr<log_db> opened(new log_db(options, options.folder + "/log"));
  BV_TRY(opened->open_database(access::read));
  BV_TRY(opened->check_settings(options.shards, access::read));
  for (std::uint16_t i = 0; i < options.shards; ++i) BV_TRY(opened->load_bounds(shard_id{i}));
  return opened;
}

result<void> log_db::open_database(access wanted) {
  const std::vector<rocksdb::ColumnFamilyDescriptor> families{
      {rocksdb::kDefaultColumnFamilyName, batch_family_options()}, {"meta", meta_family_options()}};
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const auto options = log_database_options(env_.get());
  const auto status = wanted == access::read
                          ? rocksdb::DB::OpenForReadOnly(options, folder_, families, &handles, &db)
                          : rocksdb::DB::Open(options, folder_, families, &handles, &db);
  if (status.IsCorruption()) return failure(to_error(status, "can't open the journal in " + folder_));
  if (!status.ok())
    return failure(error_kind::unavailable, status.IsNoSpace() ? "disk_full" : "data_dir_unusable",
                   "can't open the journal: " + status.ToString(), folder_);
  db_.reset(db);
  batches_ = handles[0];
  meta_ = handles[1];
  return {};
}

result<void> log_db::check_settings(std::uint16_t shards, access wanted) {
  std::string value;
  const auto status = db_->Get(plain_reads, meta_, "f", &value);
  if (status.IsNotFound() && wanted == access::full) {
    bytes settings;
    put_fixed(settings, shards);
    begin();
    pending_.Put(meta_, "f", settings);
    return write(true);
  }
  BV_TRY(checked(status, "can't read the journal's settings"));
  const auto found = decoder(value).fixed<std::uint16_t>();
  if (found != shards)
    return failure(error_kind::invalid, "shards_changed",
                   "the data folder was made with " + std::to_string(found) +
                       " shards and can't be opened with " + std::to_string(shards),
                   folder_);
  return {};
}

std::unique_ptr<rocksdb::Iterator> log_db::range(shard_id shard, log_index from, log_index until) const {
  return std::make_unique<bounded_iterator>(*db_, batches_, batch_key(shard, from), batch_key(shard, until));
}

result<log_index> log_db::first_kept(shard_id shard) const {
  std::string value;
  const auto status = db_->Get(plain_reads, meta_, meta_key('p', shard), &value);
  if (status.IsNotFound()) return log_bounds{}.first;
  BV_TRY(checked(status, "can't read the journal's settings"));
  return log_index{decoder(value).fixed<std::uint64_t>()};
}

result<void> log_db::load_bounds(shard_id shard) {
  log_bounds found;
  BV_ASSIGN(found.first, first_kept(shard));
  const auto at = range(shard, log_index{}, log_index{~std::uint64_t{0}});
  at->SeekToFirst();
  if (at->Valid()) {
    // Batches before the mark are dropped already; one after it must not be the first.
    if (index_of(at->key()) > found.first) return missing_batch(shard, found.first);
    at->SeekToLast();
    if (!at->Valid()) return failed_read(shard, last_present(shard, found.first), at->status());
    BV_TRY(check_batch(shard, index_of(at->key()), at->value().ToStringView())
               .map([&](const batch_reader& last) { extend(found, last); }));
    bytes data;
    BV_ASSIGN(const auto first, batch_at(shard, found.first, data));
    found.first_offset = first.first_offset();
    BV_TRY(check_tail(shard, found));
  }
  if (!at->status().ok()) return failed_read(shard, found.first, at->status());
  set_bounds(shard, found);
  return {};
}

log_index log_db::last_in_place(shard_id shard, log_index first) const {
  const auto at = range(shard, log_index{}, log_index{~std::uint64_t{0}});
  at->SeekToLast();
  return at->Valid() ? index_of(at->key()) : last_present(shard, first);
}

log_index log_db::last_present(shard_id shard, log_index first) const {
  // An iterator does not say which key it could not read the value of. A damaged batch is present all the
  // same.
  const auto present = [&](std::uint64_t index) {
    std::string value;
    return !db_->Get(plain_reads, batches_, batch_key(shard, log_index{index}), &value).IsNotFound();
  };
  // A file of keys that is rotten says of all keys in its range that they may be there: then there is no end.
  std::uint64_t step = 1;
  while (step < present_max && present(first.value + step)) step *= 2;
  if (step >= present_max) return {};
  auto low = first.value + step / 2, high = first.value + step;
  while (low + 1 < high) {
    const auto middle = low + (high - low) / 2;
    (present(middle) ? low : high) = middle;
  }
  return log_index{step == 1 ? first.value : low};
}

result<void> log_db::check_tail(shard_id shard, const log_bounds& bounds) {
  std::size_t size_bytes = 0;
  std::uint64_t count = 0;
  auto expected = bounds.last;
  auto next_offset = event_offset{bounds.last_offset.value + 1};
  const auto at = range(shard, bounds.first, bounds.last.next());
  for (at->SeekToLast(); at->Valid() && count < checked_batches_max && size_bytes < checked_size_bytes_max;
       at->Prev(), ++count) {
    if (index_of(at->key()) != expected) return missing_batch(shard, expected);
    BV_ASSIGN(const auto batch, check_batch(shard, expected, at->value().ToStringView()));
    if (batch.first_offset().value + batch.event_count() != next_offset.value)
      return corrupt_at(
          shard, expected,
          {error_kind::internal, "journal_corrupt",
           "the batch's events are not followed by offset " + std::to_string(next_offset.value)});
    next_offset = batch.first_offset();
    size_bytes += at->value().size();
    expected = log_index{expected.value - 1};
  }
  if (!at->status().ok()) return failed_read(shard, expected, at->status());
  if (!at->Valid() && expected >= bounds.first) return missing_batch(shard, expected);
  return {};
}

log_bounds log_db::bounds(shard_id shard) const {
  const std::lock_guard lock(bounds_mutex_);
  return bounds_.at(shard.value);
}

void log_db::set_bounds(shard_id shard, const log_bounds& bounds) {
  const std::lock_guard lock(bounds_mutex_);
  bounds_.at(shard.value) = bounds;
}

result<std::vector<log_entry>> log_db::read(shard_id shard, log_index from, std::size_t size_bytes_max) {
  const auto known = bounds(shard);
  if (from < known.first) return dropped(shard, known);
  std::vector<log_entry> page;
  if (from > known.last) return page;
  const auto at = range(shard, from, known.last.next());
  std::size_t size_bytes = 0;
  auto expected = from;
  for (at->Seek(batch_key(shard, from)); at->Valid(); at->Next()) {
    if (index_of(at->key()) != expected) break;
    BV_TRY(check_batch(shard, expected, at->value().ToStringView()));
    size_bytes += at->value().size();
    page.push_back({expected, at->value().ToString()});
    expected = expected.next();
    if (size_bytes >= size_bytes_max) return page;
  }
  if (!at->status().ok()) return failed_read(shard, expected, at->status());
  if (expected <= known.last) BV_TRY(absent(shard, expected));
  return page;
}

result<void> log_db::absent(shard_id shard, log_index index) const {
  // Bounds change before the batches do: what a reader misses may just have been dropped or truncated.
  const auto now = bounds(shard);
  if (index < now.first) return dropped(shard, now);
  if (index > now.last) return {};
  return missing_batch(shard, index);
}

result<batch_reader> log_db::batch_at(shard_id shard, log_index index, bytes& data) {
  const auto status = db_->Get(plain_reads, batches_, batch_key(shard, index), &data);
  if (status.IsNotFound()) {
    BV_TRY(absent(shard, index));
    return missing_batch(shard, index);
  }
  if (!status.ok()) return failed_read(shard, index, status);
  return check_batch(shard, index, data);
}

result<log_index> log_db::find(shard_id shard, event_offset offset) {
  bytes data;
  return find_offset(shard, bounds(shard), offset, [&](log_index at) { return batch_at(shard, at, data); });
}

result<hard_state> log_db::read_hard_state(shard_id shard) {
  std::string value;
  const auto status = db_->Get(plain_reads, meta_, meta_key('h', shard), &value);
  if (status.IsNotFound()) return hard_state{};
  BV_TRY(checked(status, "can't read the term and vote of shard " + std::to_string(shard.value)));
  decoder in(value);
  hard_state state;
  state.term = term_number{in.fixed<std::uint64_t>()};
  state.vote = in.fixed<std::uint64_t>();
  return state;
}

result<event_offset> log_db::read_cursor(std::string_view subscription, shard_id shard) {
  std::string value;
  const auto status = db_->Get(plain_reads, meta_, meta_key('c', shard, subscription), &value);
  if (status.IsNotFound()) return event_offset{};
  BV_TRY(checked(status, "can't read the cursor of " + std::string(subscription)));
  return event_offset{decoder(value).fixed<std::uint64_t>()};
}

result<std::vector<stored_cursor>> log_db::cursors() {
  bounded_iterator at(*db_, meta_, "c", "d");
  std::vector<stored_cursor> found;
  for (at.SeekToFirst(); at.Valid(); at.Next()) {
    decoder key(at.key().ToStringView().substr(1));
    const shard_id shard{key.key16()};
    found.push_back(
        {std::string(key.rest), shard, event_offset{decoder(at.value().ToStringView()).fixed<std::uint64_t>()}});
  }
  BV_TRY(checked(at.status(), "can't read the cursors"));
  return found;
}

result<std::string> log_db::identity() {
  std::string name;
  BV_TRY(checked(db_->GetDbIdentity(name), "can't read the journal's identity"));
  return name;
}

void log_db::begin() {
  pending_.Clear();
  pending_.PutLogData(encode_sync_mark(synced_.load()));
}

void log_db::put_batch(shard_id shard, log_index index, bytes_view data) {
  pending_.Put(batches_, batch_key(shard, index), rocksdb::Slice(data.data(), data.size()));
}

void log_db::put_hard_state(shard_id shard, const hard_state& state) {
  bytes value;
  put_fixed(value, state.term.value);
  put_fixed(value, state.vote);
  pending_.Put(meta_, meta_key('h', shard), value);
}

void log_db::put_cursor(std::string_view subscription, shard_id shard, event_offset offset) {
  bytes value;
  put_fixed(value, offset.value);
  pending_.Put(meta_, meta_key('c', shard, subscription), value);
}

void log_db::erase_cursor(std::string_view subscription, shard_id shard) {
  pending_.Delete(meta_, meta_key('c', shard, subscription));
}

void log_db::erase_from(shard_id shard, log_index from) {
  pending_.DeleteRange(batches_, batch_key(shard, from), batch_key(shard, log_index{~std::uint64_t{0}}));
}

void log_db::drop_before(shard_id shard, log_index old_first, log_index first) {
  bytes value;
  put_fixed(value, first.value);
  pending_.Put(meta_, meta_key('p', shard), value);
  pending_.DeleteRange(batches_, batch_key(shard, old_first), batch_key(shard, first));
}

result<void> log_db::write(bool sync) {
  rocksdb::WriteOptions options;
  options.sync = sync && !mutated(mutation::write_not_synced);
  const auto before = db_->GetLatestSequenceNumber();
  const auto status = db_->Write(options, &pending_);
  if (status.ok() || mutated(mutation::write_error_ignored)) {
    if (sync) synced_ = db_->GetLatestSequenceNumber();
    return {};
  }
  auto why = to_error(status, "can't write the journal");
  if (auto cut = cut_wal_after(folder_, before, seam_); !cut)
    why.message +=
        "; what was being written may or may not be there at the next start (" + describe(cut.error()) + ")";
  return failure(std::move(why));
}

result<void> log_db::sync() {
  const auto written = db_->GetLatestSequenceNumber();
  BV_TRY(checked(db_->SyncWAL(), "can't sync the journal"));
  auto known = synced_.load();
  while (known < written && !synced_.compare_exchange_weak(known, written)) {
  }
  return {};
}

result<void> log_db::flush() {
  BV_TRY(sync());
  return checked(db_->Flush({}, {batches_, meta_}), "can't flush the journal");
}

result<void> log_db::with_files(const std::function<result<void>(const std::vector<live_file>&)>& take) {
  return with_live_files(*db_, take);
}

result<void> log_db::reclaim(shard_id shard, log_index first) {
  const auto from = batch_key(shard, log_index{}), until = batch_key(shard, first);
  const rocksdb::Slice low(from), high(until);
  rocksdb::CompactRangeOptions options;
  options.exclusive_manual_compaction = false;
  return checked(db_->CompactRange(options, batches_, &low, &high), "can't reclaim dropped batches");
}

}  // namespace bv::storage
