// The half of the node that looks at what it does: what its disk holds, what it holds to be committed, what it says.
#include <algorithm>
#include <utility>

#include "protocols/schema/base/assert.hpp"
#include "protocols/schema/cluster/frames.hpp"
#include "protocols/schema/contract.hpp"
#include "sim/world/batch_records.hpp"
#include "sim/world/sim_node_process.hpp"
#include "storage/log_rules.hpp"

namespace bv::sim {

result<std::vector<observed_record>> sim_node::decode(storage::shard_id shard, storage::log_index index, bytes_view data) const {
  auto contracts = process_->hosted.contracts();
  contracts.push_back(&runtime::members::contract::reflection());
  return batch_records(contracts, {around_.what.where.shop_of(number_), shard, index, around_.time.now()}, data);
}

void sim_node::see_batch(storage::shard_id shard, storage::log_index index, bytes_view data) {
  auto& seen = seen_[shard.value];
  BV_ASSERT(index == seen.next(), "a batch is handed on twice, or one is left out");
  seen = index;
  auto records = decode(shard, index, data);
  BV_ASSERT(records, "the node writes a batch that can't be read");
  for (auto& one : *records) around_.committed(std::move(one));
}

void sim_node::see_committed(storage::shard_id shard, storage::log_index through) {
  auto& log = *process_->store.log;
  through = std::min(through, log.bounds(shard).last);  // a founder notes its entry before it writes it
  bool first = false;
  for (auto& seen = seen_[shard.value]; seen < through;) {
    const auto page = log.read(shard, seen.next(), std::size_t{1} << 20);
    BV_ASSERT(page && !page->empty(), "a node holds something to be committed that it does not have");
    for (const auto& entry : *page) {
      if (entry.index > through) break;
      seen = entry.index;
      first = around_.replicas->add(id().value, shard, entry.index, entry.data);
      if (!first) continue;
      auto records = decode(shard, entry.index, entry.data);
      BV_ASSERT(records, "a batch is committed that can't be read");
      for (auto& one : *records) around_.committed(std::move(one));
    }
  }
  if (const auto hard = log.read_hard_state(shard); first && hard)
    around_.replicas->first_to_commit(id().value, shard, through, hard->term);
}

void sim_node::see_frame(runtime::node_id to, bytes_view data) {
  runtime::frames::frame sent;
  if (!runtime::frames::decode(data, sent)) return;
  if (const auto* const said = std::get_if<replication::body>(&sent.content)) see_said(to, storage::shard_id{sent.shard}, *said);
  if (const auto* const several = std::get_if<runtime::frames::beat>(&sent.content))
    for (const auto& one : several->said) see_said(to, storage::shard_id{one.shard}, one.body);
}

void sim_node::see_said(runtime::node_id to, storage::shard_id shard, const replication::body& what) {
  const auto hard = process_->store.log->read_hard_state(shard);
  if (hard) around_.replicas->sent(id().value, to.value, shard, what, {*hard, process_->store.log->bounds(shard).last});
}

std::optional<std::vector<storage::log_index>> sim_node::level() const {
  std::vector<storage::log_index> all;
  for (const auto& one : process_->actors->cluster().shards) {
    if (one.taken_in != one.committed) return std::nullopt;
    all.push_back(one.committed);
  }
  return all;
}

result<void> sim_node::see_unseen() {
  for (std::uint16_t i = 0; i < around_.what.where.shards; ++i) {
    const storage::shard_id shard{i};
    auto& log = *process_->store.log;
    for (auto from = seen_[i].next(); from <= log.bounds(shard).last;) {
      BV_ASSIGN(const auto page, log.read(shard, from, std::size_t{1} << 20));
      for (const auto& entry : page) see_batch(shard, entry.index, entry.data);
      from = page.back().index.next();
    }
  }
  return {};
}

result<std::vector<observed_record>> sim_node::read_disk() {
  std::vector<observed_record> all;
  for (std::uint16_t i = 0; i < around_.what.where.shards; ++i) {
    const storage::shard_id shard{i};
    auto& log = *process_->store.log;
    const auto last = around_.what.where.clustered() ? seen_[i] : log.bounds(shard).last;
    for (storage::log_index from{1}; from <= last;) {
      BV_ASSIGN(const auto page, log.read(shard, from, std::size_t{1} << 20));
      if (page.empty()) return storage::missing_batch(shard, from);  // it was seen to be committed
      for (const auto& entry : page) {
        if (entry.index > last) break;
        if (around_.replicas) around_.replicas->add(id().value, shard, entry.index, entry.data);
        BV_ASSIGN(auto records, decode(shard, entry.index, entry.data));
        for (auto& one : records) all.push_back(std::move(one));
      }
      from = page.back().index.next();
    }
  }
  return all;
}

}  // namespace bv::sim
