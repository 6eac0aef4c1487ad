#include "storage/rocks/rocks_tables.hpp"

#include <atomic>
#include <map>
#include <mutex>

#include "storage/coding.hpp"
#include "storage/rocks/status.hpp"

namespace bv::storage {
namespace {

bytes row_prefix(std::uint32_t number) {
  bytes key(1, 'd');
  put_key32(key, number);
  return key;
}

class rocks_table final : public table {
 public:
  rocks_table(std::shared_ptr<derived_db> db, std::string name, std::uint32_t number)
      : db_(std::move(db)),
        name_(std::move(name)),
        prefix_(row_prefix(number)),
        end_(row_prefix(number + 1)) {}

  result<void> write(std::vector<table_write> changes) override {
    if (dropped_) return table_dropped(name_);
    rocksdb::WriteBatch batch;
    for (const auto& [key, value] : changes) {
      if (value)
        batch.Put(prefix_ + key, *value);
      else
        batch.Delete(prefix_ + key);
    }
    return db_->write(batch);
  }

  result<std::optional<bytes>> get(bytes_view key) const override {
    if (dropped_) return table_dropped(name_);
    bytes value;
    const auto status = db_->db().Get({}, prefix_ + bytes(key), &value);
    if (status.IsNotFound()) return std::optional<bytes>{};
    BV_TRY(checked(status, "can't read table " + name_));
    return std::optional{std::move(value)};
  }

  result<void> scan(bytes_view from, bytes_view until, bool reverse,
                    const std::function<bool(bytes_view, bytes_view)>& visit) const override {
    if (dropped_) return table_dropped(name_);
    if (!until.empty() && until <= from) return {};
    const auto low = prefix_ + bytes(from), high = until.empty() ? end_ : prefix_ + bytes(until);
    const rocksdb::Slice first(low), last(high);
    rocksdb::ReadOptions options;
    options.iterate_lower_bound = &first;
    options.iterate_upper_bound = &last;
    const std::unique_ptr<rocksdb::Iterator> at(db_->db().NewIterator(options));
    for (reverse ? at->SeekToLast() : at->SeekToFirst(); at->Valid(); reverse ? at->Prev() : at->Next())
      if (!visit(at->key().ToStringView().substr(prefix_.size()), at->value().ToStringView())) break;
    return checked(at->status(), "can't scan table " + name_);
  }

  void mark_dropped() { dropped_ = true; }

 private:
  const std::shared_ptr<derived_db> db_;
  const std::string name_;
  const bytes prefix_, end_;
  std::atomic<bool> dropped_{false};
};

class rocks_tables final : public table_store {
 public:
  explicit rocks_tables(std::shared_ptr<derived_db> db) : db_(std::move(db)) {}

  result<std::shared_ptr<table>> open(std::string_view name) override {
    BV_TRY(check_table_name(name));
    const std::lock_guard lock(mutex_);
    if (const auto found = opened_.find(name); found != opened_.end()) return found->second;
    BV_ASSIGN(const auto known, number_at("n" + std::string(name)));
    auto number = known;
    if (number == 0) {
      BV_ASSIGN(const auto last, number_at("c"));
      number = last + 1;
      bytes value;
      put_fixed(value, number);
      rocksdb::WriteBatch batch;
      batch.Put("c", value);
      batch.Put("n" + std::string(name), value);
      BV_TRY(db_->write(batch));
    }
    auto made = std::make_shared<rocks_table>(db_, std::string(name), number);
    opened_.emplace(name, made);
    return made;
  }

  result<std::vector<std::string>> names() const override {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> all;
    const std::unique_ptr<rocksdb::Iterator> at(db_->db().NewIterator({}));
    for (at->Seek("n"); at->Valid() && at->key().starts_with("n"); at->Next())
      all.emplace_back(at->key().ToStringView().substr(1));
    BV_TRY(checked(at->status(), "can't list the tables"));
    return all;
  }

  result<void> drop(std::string_view name) override {
    BV_TRY(check_table_name(name));
    const std::lock_guard lock(mutex_);
    BV_ASSIGN(const auto number, number_at("n" + std::string(name)));
    if (number == 0) return {};
    if (const auto found = opened_.find(name); found != opened_.end()) {
      found->second->mark_dropped();
      opened_.erase(found);
    }
    rocksdb::WriteBatch batch;
    batch.Delete("n" + std::string(name));
    batch.DeleteRange(row_prefix(number), row_prefix(number + 1));
    return db_->write(batch);
  }

 private:
  result<std::uint32_t> number_at(const std::string& key) const {
    std::string value;
    const auto status = db_->db().Get({}, key, &value);
    if (status.IsNotFound()) return 0;
    BV_TRY(checked(status, "can't read the list of tables"));
    return decoder(value).fixed<std::uint32_t>();
  }

  const std::shared_ptr<derived_db> db_;
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<rocks_table>, std::less<>> opened_;
};

}  // namespace

std::unique_ptr<table_store> make_rocks_tables(std::shared_ptr<derived_db> db) {
  return std::make_unique<rocks_tables>(std::move(db));
}

}  // namespace bv::storage
