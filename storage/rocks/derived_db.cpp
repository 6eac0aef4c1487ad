// Keys, by their first byte:
//   e {shard BE16} {entity}            {version varint, last index varint, wake i64}
//   s {shard BE16} {entity}            {version varint, index varint, snapshot}
//   t {shard BE16} {due BE64} {entity} nothing
//   w {shard BE16}                     {through u64}
//   n {table name}                     {table number u32}
//   d {table number BE32} {key}        {value}
//   o                                  identity of the log
//   c                                  {last table number u32}
#include "storage/rocks/derived_db.hpp"

#include <rocksdb/listener.h>

#include "storage/coding.hpp"
#include "storage/rocks/file_system.hpp"
#include "storage/rocks/options.hpp"
#include "storage/rocks/status.hpp"

namespace bv::storage {
namespace {

bytes mark_key(shard_id shard) {
  bytes key(1, 'w');
  put_key16(key, shard.value);
  return key;
}

}  // namespace

/// Follows RocksDB's background work.
class derived_db::listener final : public rocksdb::EventListener {
 public:
  explicit listener(derived_db& owner) : owner_(owner) {}

  void OnFlushBegin(rocksdb::DB*, const rocksdb::FlushJobInfo&) override {
    const std::shared_lock lock(owner_.hooks_mutex_);
    if (!owner_.hooks_.before_flush) return;
    if (const auto ready = owner_.hooks_.before_flush(); !ready && owner_.hooks_.on_failed)
      owner_.hooks_.on_failed(ready.error());
  }
  void OnFlushCompleted(rocksdb::DB*, const rocksdb::FlushJobInfo& info) override {
    owner_.flushed(info.largest_seqno);
  }
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) override {
    owner_.failed(to_error(*status, "can't write what is derived"));
  }

 private:
  derived_db& owner_;
};

derived_db::derived_db(std::uint16_t shards) : durable_(shards) {}

derived_db::~derived_db() = default;

result<std::unique_ptr<derived_db>> derived_db::open(const std::string& folder, std::uint16_t shards,
                                                     disk* seam) {
  std::unique_ptr<derived_db> opened(new derived_db(shards));
  opened->env_ = make_watched_env(seam);
  auto options = derived_database_options(opened->env_.get());
  // What is not durable yet is replayed from the log.
  options.avoid_flush_during_shutdown = true;
  options.listeners.push_back(std::make_shared<listener>(*opened));
  rocksdb::DB* db = nullptr;
  const auto status = rocksdb::DB::Open(options, folder, &db);
  if (status.IsCorruption())
    return failure(error_kind::internal, "derived_corrupt",
                   "what was derived from the log is damaged: " + status.ToString() +
                       "; remove the folder and it is built anew",
                   folder);
  if (!status.ok())
    return failure(error_kind::unavailable, status.IsNoSpace() ? "disk_full" : "data_dir_unusable",
                   "can't open what was derived from the log: " + status.ToString(), folder);
  opened->db_.reset(db);
  BV_TRY(opened->load_marks());
  return opened;
}

result<void> derived_db::load_marks() {
  for (std::uint16_t i = 0; i < durable_.size(); ++i) {
    std::string value;
    const auto status = db_->Get({}, mark_key(shard_id{i}), &value);
    if (status.IsNotFound()) continue;
    BV_TRY(checked(status, "can't read how far the log was applied"));
    durable_[i] = log_index{decoder(value).fixed<std::uint64_t>()};
  }
  return {};
}

void derived_db::set_hooks(hooks told) {
  const std::unique_lock lock(hooks_mutex_);
  hooks_ = std::move(told);
}

result<void> derived_db::write(rocksdb::WriteBatch& batch) {
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  auto written = checked(db_->Write(options, &batch), "can't write what is derived");
  if (!written) failed(written.error());
  return written;
}

void derived_db::put_mark(rocksdb::WriteBatch& batch, shard_id shard, log_index through) {
  bytes value;
  put_fixed(value, through.value);
  batch.Put(mark_key(shard), value);
}

void derived_db::marked(shard_id shard, log_index through) {
  // Read after the write: the number may be one of a later write, never of an earlier one.
  const auto sequence = db_->GetLatestSequenceNumber();
  const std::lock_guard lock(mutex_);
  if (sequence <= flushed_)
    durable_[shard.value] = through;
  else
    marks_.push_back({sequence, shard, through});
}

void derived_db::flushed(rocksdb::SequenceNumber through) {
  const std::lock_guard lock(mutex_);
  flushed_ = std::max(flushed_, through);
  for (; !marks_.empty() && marks_.front().sequence <= through; marks_.pop_front())
    durable_[marks_.front().shard.value] = marks_.front().through;
}

void derived_db::failed(const error& why) {
  const std::shared_lock lock(hooks_mutex_);
  if (hooks_.on_failed) hooks_.on_failed(why);
}

log_index derived_db::durable_through(shard_id shard) const {
  const std::lock_guard lock(mutex_);
  return durable_.at(shard.value);
}

result<void> derived_db::flush(bool wait) {
  rocksdb::FlushOptions options;
  options.wait = wait;
  options.allow_write_stall = true;
  const auto written = db_->GetLatestSequenceNumber();
  BV_TRY(checked(db_->Flush(options), "can't flush what is derived"));
  // RocksDB may return before its listener has heard of the flush.
  if (wait) flushed(written);
  return {};
}

result<std::string> derived_db::origin() {
  std::string name;
  const auto status = db_->Get({}, "o", &name);
  if (status.IsNotFound()) return std::string();
  BV_TRY(checked(status, "can't read which log this was derived from"));
  return name;
}

result<void> derived_db::set_origin(const std::string& log_identity) {
  rocksdb::WriteBatch batch;
  batch.Put("o", log_identity);
  return write(batch);
}

}  // namespace bv::storage
