// The journal alone: as many records in flight as the reference puts into one batch, spread over 16 shards. Each shard
// puts what was acknowledged since its last append into its next one, as the runtime's shards do.
#include <algorithm>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "storage/batch.hpp"
#include "storage/store.hpp"
#include "tools/bench/benches.hpp"
#include "tools/bench/closed_loop.hpp"
#include "tools/bench/references.hpp"

namespace bv::bench {
namespace {

namespace st = storage;

constexpr std::uint16_t shard_count = 16;
constexpr std::uint32_t records_in_flight = batch_records;
/// The disk's mood changes: journal and reference take turns.
constexpr int turns = 10;

struct in_flight_batch {
  st::log_index index;
  std::uint32_t records = 0;
  double appended_at = 0;
};

struct journal_run {
  std::uint64_t records = 0;
  double seconds = 0, cpu_seconds = 0;
  std::vector<float> took_ms;
};

/// Acknowledgements, handed over from the journal's thread to the one that appends.
class inbox final : public st::journal_listener {
 public:
  struct news {
    st::shard_id shard;
    st::log_index durable;
  };
  void on_durable(st::shard_id shard, st::log_index index) override {
    const std::lock_guard lock(mutex_);
    news_.push_back({shard, index});
    changed_.notify_one();
  }
  void on_failed(st::shard_id, st::log_index, const error& why) override {
    const std::lock_guard lock(mutex_);
    failed_ = why;
    changed_.notify_one();
  }
  result<std::vector<news>> take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !news_.empty() || failed_; });
    if (failed_) return failure(*failed_);
    return std::exchange(news_, {});
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<news> news_;
  std::optional<error> failed_;
};

/// All shards, driven from one thread.
class driver {
 public:
  explicit driver(st::store& into) : into_(into), shards_(shard_count), payload_(record_bytes, 'r') {
    for (std::uint16_t i = 0; i < shard_count; ++i) into.log->listen(st::shard_id{i}, inbox_);
  }

  result<void> run(double seconds, journal_run& total) {
    const auto began = wall_seconds(), cpu = cpu_seconds();
    for (std::uint16_t i = 0; i < shard_count; ++i) append(st::shard_id{i}, records_in_flight / shard_count);
    std::uint32_t flying = records_in_flight;
    while (flying > 0) {
      BV_ASSIGN(const auto news, inbox_.take());
      const auto now = wall_seconds();
      for (const auto& [shard, durable] : news) {
        const auto records = acknowledge(shard, durable, now, total);
        total.records += records;
        if (now - began < seconds)
          append(shard, records);
        else
          flying -= records;
      }
    }
    total.seconds += wall_seconds() - began;
    total.cpu_seconds += cpu_seconds() - cpu;
    return {};
  }

  [[nodiscard]] st::log_index appended(st::shard_id shard) const { return shards_[shard.value].last; }

 private:
  struct shard_state {
    st::log_index last;
    st::event_offset next_offset{1};
    std::deque<in_flight_batch> flying;
  };

  std::uint32_t acknowledge(st::shard_id shard, st::log_index durable, double now, journal_run& total) {
    std::uint32_t records = 0;
    auto& flying = shards_[shard.value].flying;
    for (; !flying.empty() && flying.front().index <= durable; flying.pop_front()) {
      records += flying.front().records;
      total.took_ms.push_back(static_cast<float>((now - flying.front().appended_at) * 1e3));
    }
    // Nothing is derived here; the mark spares the next start a replay.
    into_.derived->apply(shard, durable, {});
    return records;
  }

  void append(st::shard_id shard, std::uint32_t records) {
    auto& state = shards_[shard.value];
    state.last = state.last.next();
    st::batch_builder batch(state.last, state.next_offset);
    st::record_view record;
    record.entity = "default/cart/benchmark";
    const st::event_view event{0, payload_};
    for (std::uint32_t i = 0; i < records; ++i) {
      record.version = ++version_;
      batch.add(record, {&event, 1});
    }
    state.next_offset = batch.next_offset();
    state.flying.push_back({state.last, records, wall_seconds()});
    into_.log->append(shard, state.last, std::move(batch).finish(st::term_number{1}, {}));
  }

  st::store& into_;
  inbox inbox_;
  std::vector<shard_state> shards_;
  const std::string payload_;
  std::uint64_t version_ = 0;
};

/// Everything that was acknowledged is there after a restart, batch by batch.
result<void> check(const st::store_options& options, const driver& wrote, std::uint64_t records) {
  BV_ASSIGN(auto again, st::open_rocks_store(options));
  std::uint64_t found = 0;
  for (std::uint16_t i = 0; i < shard_count; ++i) {
    const st::shard_id shard{i};
    const auto bounds = again.log->bounds(shard);
    if (bounds.last != wrote.appended(shard))
      return failure(error_kind::internal, "check_failed", "a shard's log does not end where it was acknowledged");
    for (st::log_index at{1}; at <= bounds.last;) {
      BV_ASSIGN(const auto page, again.log->read(shard, at, 1 << 22));
      for (const auto& entry : page) {
        BV_ASSIGN(const auto batch, st::batch_reader::open(entry.data));
        found += batch.record_count();
      }
      at = page.back().index.next();
    }
  }
  if (found != records)
    return failure(error_kind::internal, "check_failed",
                   std::to_string(records) + " records were acknowledged, " + std::to_string(found) + " are there");
  return again.close();
}

}  // namespace

result<bench_result> run_journal(const bench_options& options) {
  st::store_options node;
  node.folder = options.folder + "/node";
  node.shards = shard_count;
  BV_ASSIGN(auto store, st::open_rocks_store(node));
  driver shards(store);
  journal_run total;
  double reference = 0;
  for (int turn = 0; turn < turns; ++turn) {
    BV_ASSIGN(const auto raw, raw_rocksdb_records_per_second(options.folder + "/raw" + std::to_string(turn),
                                                             options.seconds / turns / 2));
    reference += raw / turns;
    BV_TRY(shards.run(options.seconds / turns / 2, total));
  }
  BV_TRY(store.close());
  BV_TRY(check(node, shards, total.records));

  bench_result said{.name = "journal",
                    .value = static_cast<double>(total.records) / total.seconds,
                    .unit = "records/s",
                    .reference = "RocksDB, synced batches of 512 puts of 200 bytes",
                    .reference_value = reference,
                    .in_flight = records_in_flight,
                    .durability = "fsync",
                    .seed = options.seed};
  said.ratio = said.value / reference;
  said.p50_ms = quantile(total.took_ms, 0.5);
  said.p99_ms = quantile(total.took_ms, 0.99);
  said.cpu_us_per_op = total.cpu_seconds * 1e6 / static_cast<double>(total.records);
  said.checks = {"after a restart every acknowledged record is in the log, checksums and all"};
  return said;
}

}  // namespace bv::bench
