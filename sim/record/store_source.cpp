#include "sim/record/store_source.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <utility>

#include "actors/runtime/router.hpp"
#include "protocols/schema/runtime/stored.hpp"
#include "storage/batch.hpp"
#include "storage/store.hpp"

namespace bv::sim {
namespace {

/// Names to offer for one that is not there, of each shard.
constexpr std::size_t names_each_shard = 20;

class store_source final : public event_source {
 public:
  store_source(storage::store opened, std::uint16_t shards) : store_(std::move(opened)), shards_(shards) {}

  result<std::vector<recorded_event>> history(const entity_key& of, std::uint64_t after_version) override {
    const auto shard = runtime::shard_of(of, shards_);
    BV_ASSIGN(const auto row, store_.derived->find(shard, of));
    std::vector<recorded_event> newest_first;
    if (!row) return newest_first;
    for (auto at = row->last; at.value != 0;) {
      BV_ASSIGN(at, take_batch(shard, at, of, newest_first));
      if (!newest_first.empty() && newest_first.back().version <= after_version + 1) break;
    }
    std::erase_if(newest_first, [&](const recorded_event& one) { return one.version <= after_version; });
    std::ranges::reverse(newest_first);
    return newest_first;
  }

  result<std::optional<recorded_state>> known_state(const entity_key& of) override {
    BV_ASSIGN(auto row, store_.derived->find(runtime::shard_of(of, shards_), of));
    if (!row || !row->newest_snapshot) return std::optional<recorded_state>();
    runtime::stored::entity_snapshot kept;
    BV_TRY(decode(row->newest_snapshot->data, kept));
    return recorded_state{row->newest_snapshot->version, std::move(kept.state)};
  }

  result<std::vector<std::string>> sagas_like(const std::string& id) override {
    // In the order of their ids: those that go on where the beginning of this one leaves off.
    const auto beginning = id.substr(0, id.size() * 2 / 3);
    std::vector<std::string> found;
    for (std::uint16_t number = 0; number < shards_; ++number) {
      BV_ASSIGN(const auto sagas, store_.derived->list(storage::shard_id{number}, entity_key::default_tenant, "saga", beginning,
                                                       names_each_shard));
      for (const auto& one : sagas) found.emplace_back(one.id());
    }
    return found;
  }

 private:
  /// Adds the entity's events of a batch, newest first, and says in which batch those before them are; 0: in none.
  result<storage::log_index> take_batch(storage::shard_id shard, storage::log_index at, const entity_key& of,
                                        std::vector<recorded_event>& newest_first) {
    BV_ASSIGN(const auto entries, store_.log->read(shard, at, 1));
    if (entries.empty()) return storage::log_index{};
    BV_ASSIGN(auto batch, storage::batch_reader::open(entries.front().data));
    std::vector<recorded_event> here;
    std::optional<storage::log_index> before;
    storage::record_view record;
    std::vector<storage::event_view> events;
    while (true) {
      BV_ASSIGN(const bool more, batch.next(record, events));
      if (!more) break;
      if (record.entity != of.text()) continue;
      if (!before) before = record.previous;
      auto version = record.version - events.size();
      for (const auto& one : events) here.push_back({++version, record.at, bytes(one.payload)});
    }
    newest_first.insert(newest_first.end(), std::make_move_iterator(here.rbegin()), std::make_move_iterator(here.rend()));
    if (!before || *before >= at)
      return failure(error_kind::internal, "journal_corrupt",
                     "batch " + std::to_string(at.value) + " should hold a record of " + of.text(), of.text());
    return *before;
  }

  storage::store store_;
  const std::uint16_t shards_;
};

}  // namespace

result<std::unique_ptr<event_source>> open_store_source(const std::string& folder, std::uint16_t shards) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored))
    return failure(error_kind::not_found, "data_dir_missing",
                   "there is no folder \"" + folder + "\"; name the node's [node] data_dir", folder);
  // Opening a store makes one where there is none: that must not happen to a folder that was named by mistake.
  if (!fs::exists(fs::path(folder) / "log" / "CURRENT", ignored))
    return failure(error_kind::invalid, "data_dir_unknown",
                   "\"" + folder + "\" holds no node's data (no log/CURRENT); name the node's [node] data_dir", folder);
  auto opened = storage::open_rocks_store({.folder = folder, .shards = shards, .on_commit = {}, .on_note = {}});
  if (!opened) {
    auto why = std::move(opened).error();
    if (why.code == "data_dir_locked") why.message += ", or record from the running node with --connect";
    if (why.code == "shards_changed") why.message += "; say how many with --shards";
    return failure(std::move(why));
  }
  return std::make_unique<store_source>(*std::move(opened), shards);
}

}  // namespace bv::sim
