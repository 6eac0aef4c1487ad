#include "storage/cached_table.hpp"

#include <array>
#include <mutex>
#include <unordered_map>

#include "protocols/schema/base/hash.hpp"

namespace bv::storage {
namespace {

struct key_hash {
  using is_transparent = void;
  std::size_t operator()(bytes_view key) const { return hash64(key); }
};

/// One of several, so that readers on different cores rarely meet.
class cache_part {
 public:
  /// `seen` tells put() whether a write came between.
  bool find(bytes_view key, bytes& value, std::uint64_t& seen) const {
    const std::lock_guard lock(mutex_);
    seen = writes_;
    const auto found = rows_.find(key);
    if (found == rows_.end()) return false;
    value = found->second;
    return true;
  }

  /// Keeps what was read, unless a row of this part was written since find(): it could be the one from before.
  void put(bytes_view key, const bytes& value, std::uint64_t seen, std::size_t size_bytes_max) {
    const std::lock_guard lock(mutex_);
    if (seen != writes_) return;
    // All at once instead of one by one: rows come back with one read each, and a bound that is rarely met needs no
    // order of use.
    if (size_bytes_ > size_bytes_max) forget_all();
    if (rows_.emplace(key, value).second) size_bytes_ += size_of(key, value);
  }

  void forget(bytes_view key) {
    const std::lock_guard lock(mutex_);
    ++writes_;
    const auto found = rows_.find(key);
    if (found == rows_.end()) return;
    size_bytes_ -= size_of(found->first, found->second);
    rows_.erase(found);
  }

 private:
  static std::size_t size_of(bytes_view key, bytes_view value) { return key.size() + value.size() + row_overhead_bytes; }
  void forget_all() {
    rows_.clear();
    size_bytes_ = 0;
  }

  static constexpr std::size_t row_overhead_bytes = 96;
  mutable std::mutex mutex_;
  std::unordered_map<bytes, bytes, key_hash, std::equal_to<>> rows_;
  std::size_t size_bytes_ = 0;
  std::uint64_t writes_ = 0;
};

class cached_table final : public table {
 public:
  cached_table(std::shared_ptr<table> behind, std::size_t size_bytes_max)
      : behind_(std::move(behind)), part_size_bytes_max_(size_bytes_max / parts) {}

  result<void> write(std::vector<table_write> changes) override {
    std::vector<bytes> keys;
    keys.reserve(changes.size());
    for (const auto& change : changes) keys.push_back(change.key);
    auto outcome = behind_->write(std::move(changes));
    for (const auto& key : keys) part_of(key).forget(key);
    return outcome;
  }

  result<std::optional<bytes>> get(bytes_view key) const override {
    auto& part = part_of(key);
    bytes value;
    std::uint64_t seen = 0;
    if (part.find(key, value, seen)) return value;
    BV_ASSIGN(auto found, behind_->get(key));
    if (found) part.put(key, *found, seen, part_size_bytes_max_);
    return found;
  }

  result<void> scan(bytes_view from, bytes_view until, bool reverse,
                    const std::function<bool(bytes_view, bytes_view)>& visit) const override {
    return behind_->scan(from, until, reverse, visit);
  }

 private:
  static constexpr std::size_t parts = 16;

  cache_part& part_of(bytes_view key) const { return cache_[hash64(key) % parts]; }

  const std::shared_ptr<table> behind_;
  const std::size_t part_size_bytes_max_;
  mutable std::array<cache_part, parts> cache_;
};

}  // namespace

std::unique_ptr<table> make_cached_table(std::shared_ptr<table> behind, std::size_t size_bytes_max) {
  return std::make_unique<cached_table>(std::move(behind), size_bytes_max);
}

}  // namespace bv::storage
