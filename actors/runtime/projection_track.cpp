#include "actors/runtime/projection_track.hpp"

#include <map>
#include <numeric>
#include <utility>

#include "protocols/schema/base/mutation.hpp"
#include "storage/cached_table.hpp"

namespace bv::runtime {
namespace {

/// Keys that start with a zero byte are the runtime's.
bytes cursor_key(storage::shard_id shard) { return bytes(1, '\0') + "cursor/" + std::to_string(shard.value); }

std::uint64_t sum_of(const std::vector<storage::event_offset>& cursors) {
  return std::accumulate(cursors.begin(), cursors.end(), std::uint64_t{0},
                         [](std::uint64_t sum, storage::event_offset at) { return sum + at.value; });
}

/// The rows as they will be once the page is written.
class page_rows final : public projection_rows {
 public:
  explicit page_rows(const storage::table& written) : written_(written) {}

  result<std::optional<bytes>> get(bytes_view key) const override {
    if (const auto changed = changes_.find(key); changed != changes_.end()) return changed->second;
    return written_.get(key);
  }
  void put(bytes key, bytes value) override { changes_.insert_or_assign(std::move(key), std::move(value)); }
  void remove(bytes key) override { changes_.insert_or_assign(std::move(key), std::nullopt); }

  [[nodiscard]] bool empty() const { return changes_.empty(); }
  std::vector<storage::table_write> take() {
    std::vector<storage::table_write> all;
    all.reserve(changes_.size() + 1);
    for (auto& [key, value] : changes_) all.push_back({key, std::move(value)});
    return all;
  }

 private:
  const storage::table& written_;
  std::map<bytes, std::optional<bytes>, std::less<>> changes_;
};

}  // namespace

result<std::unique_ptr<projection_track>> projection_track::open(storage::table_store& tables,
                                                                 std::string table_name,
                                                                 std::uint16_t shard_count) {
  BV_ASSIGN(auto stored, tables.open(table_name));
  auto track = std::unique_ptr<projection_track>(new projection_track(
      std::move(table_name), storage::make_cached_table(std::move(stored), cache_size_bytes_max)));
  for (std::uint16_t i = 0; i < shard_count; ++i) {
    BV_ASSIGN(const auto cursor, track->table_->get(cursor_key(storage::shard_id{i})));
    track->cursors_.emplace_back(cursor ? std::stoull(*cursor) : 0);
  }
  track->written_ = track->cursors_;
  return track;
}

result<bool> projection_track::advance(const projection& rules, event_log& log, std::span<const event_interest> wanted,
                                        std::size_t page_size_bytes_max) {
  page_rows rows(*table_);
  auto cursors = cursors_;
  bool more = false;
  for (std::uint16_t i = 0; i < cursors.size(); ++i) {
    const storage::shard_id shard{i};
    if (cursors[i] >= log.end(shard)) continue;
    BV_ASSIGN(const auto page, log.read(shard, cursors[i], page_size_bytes_max, wanted));
    for (const auto& event : page.events) BV_TRY(rules.apply(event, rows));
    cursors[i] = mutated(mutation::projection_cursor_ahead) ? log.end(shard) : page.through;
    more = more || !page.at_end;
  }
  // Cursors alone are worth a write once in a while only: after a restart a few events are skipped again.
  if (!rows.empty() || sum_of(cursors) - sum_of(written_) >= unwritten_events_max) {
    auto changes = rows.take();
    for (std::uint16_t i = 0; i < cursors.size(); ++i)
      if (cursors[i] != written_[i])
        changes.push_back({cursor_key(storage::shard_id{i}), std::to_string(cursors[i].value)});
    BV_TRY(table_->write(std::move(changes)));
    written_ = cursors;
  }
  cursors_ = std::move(cursors);
  return more;
}

std::uint64_t projection_track::through() const { return sum_of(cursors_); }

}  // namespace bv::runtime
