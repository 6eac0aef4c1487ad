#include "tools/chaos/node_logs.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include "protocols/schema/base/hash.hpp"
#include "protocols/schema/cluster/members.hpp"
#include "sim/checkers/read_events.hpp"
#include "sim/observe/breach.hpp"
#include "sim/world/batch_records.hpp"
#include "sim/world/shop_contracts.hpp"
#include "storage/store.hpp"

namespace bv::chaos {
namespace {

constexpr std::size_t page_size_bytes = std::size_t{1} << 20;

/// A batch, to be compared.
struct batch_mark {
  std::uint64_t index = 0, hash = 0;
  bool empty = false;  ///< of replication itself
};

/// All that writes records: the shop, and the cluster's own roster.
std::vector<const schema::aggregate_contract*> all_contracts() {
  auto all = sim::shop_contracts();
  all.push_back(&runtime::members::contract::reflection());
  return all;
}

/// What is read of one node at a time: logs may be large.
class log_reader {
 public:
  log_reader(std::uint16_t shards, bool level, const disagreement& tell) : shards_(shards), level_(level), contracts_(all_contracts()), tell_(tell), first_(shards) {}

  result<void> add(const std::string& data_dir) {
    // Opened to be read: what is derived is left as the node left it.
    BV_ASSIGN(auto opened, storage::open_rocks_store({.folder = data_dir, .shards = shards_, .catches_up = false, .on_commit = {}, .on_note = {}}));
    for (std::uint16_t shard = 0; shard < shards_; ++shard) {
      std::vector<batch_mark> marks;
      BV_TRY(read(opened, storage::shard_id{shard}, marks));
      if (node_ == 0) first_[shard] = std::move(marks);
      else compare(shard, marks);
    }
    if (level_) BV_TRY(read_tables(opened));
    ++node_;
    return opened.close();
  }

  node_logs take() { return std::move(logs_); }

 private:
  result<void> read(storage::store& from, storage::shard_id shard, std::vector<batch_mark>& marks) {
    const auto last = from.log->bounds(shard).last;
    for (storage::log_index at{1}; at <= last;) {
      BV_ASSIGN(const auto page, from.log->read(shard, at, page_size_bytes));
      if (page.empty()) break;
      for (const auto& entry : page) {
        BV_ASSIGN(auto records, sim::batch_records(contracts_, {0, shard, entry.index, {}}, entry.data));
        marks.push_back({entry.index.value, hash64(entry.data), records.empty()});
        if (node_ > 0) continue;
        // A batch is committed as one, and not before the last of it was decided.
        timestamp committed_at;
        for (const auto& one : records) committed_at = std::max(committed_at, one.decided_at);
        for (auto& one : records) {
          one.committed_at = committed_at;
          logs_.records.push_back(std::move(one));
        }
      }
      at = page.back().index.next();
    }
    return {};
  }

  void compare(std::uint16_t shard, const std::vector<batch_mark>& here) {
    const auto& there = first_[shard];
    const auto say = [&](std::uint64_t index, const std::string& wrong) {
      tell_(sim::breach::replicas_agree, sim::node_name(node_) + " shard " + std::to_string(shard) + " batch " + std::to_string(index) + " " + wrong);
    };
    const auto common = std::min(here.size(), there.size());
    for (std::size_t i = 0; i < common; ++i) {
      const bool same = here[i].index == there[i].index && here[i].hash == there[i].hash;
      if (!same && !(here[i].empty && there[i].empty)) return say(here[i].index, "is another one than n1's");
    }
    if (!level_) return;
    for (auto i = common; i < here.size(); ++i)
      if (!here[i].empty) return say(here[i].index, "is not on n1's disk");
    for (auto i = common; i < there.size(); ++i)
      if (!there[i].empty) return say(there[i].index, "is not on its disk, and is on n1's");
  }

  result<void> read_tables(storage::store& from) {
    // The runtime's own rows, which come first, are none of the read model's.
    static const bytes first_key(1, '\1'), after_last_key(1, '\xff');
    BV_ASSIGN(const auto names, from.tables->names());
    for (const auto& name : names) {
      BV_ASSIGN(const auto table, from.tables->open(name));
      sim::read_model_rows rows;
      BV_TRY(table->scan(first_key, after_last_key, false, [&](bytes_view key, bytes_view value) {
        rows.emplace(key, value);
        return true;
      }));
      if (node_ == 0) tables_[name] = rows;
      logs_.read_models.push_back({node_, name, std::move(rows), tables_[name]});
    }
    return {};
  }

  const std::uint16_t shards_;
  const bool level_;
  const std::vector<const schema::aggregate_contract*> contracts_;
  const disagreement& tell_;
  std::uint16_t node_ = 0;
  std::vector<std::vector<batch_mark>> first_;  ///< the first node's, by shard
  std::map<std::string, sim::read_model_rows> tables_;
  node_logs logs_;
};

}  // namespace

result<node_logs> read_node_logs(const std::vector<std::string>& data_dirs, std::uint16_t shards, bool level, const disagreement& tell) {
  log_reader reader(shards, level, tell);
  for (const auto& one : data_dirs) BV_TRY(reader.add(one));
  return reader.take();
}

}  // namespace bv::chaos
