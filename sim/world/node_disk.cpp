#include "sim/world/node_disk.hpp"

#include <utility>

#include "sim/world/exact_derived.hpp"
#include "sim/world/network.hpp"

namespace bv::sim {
namespace {

/// Of how many writes one is followed by a flush of what is derived, as the background does it in production.
constexpr std::uint64_t writes_between_flushes = 32;

bool is_log(const std::string& path) { return path.find("/log/") != std::string::npos && path.ends_with(".log"); }

}  // namespace

node_disk::node_disk(event_heap& time, settings chosen, written_hook written, write_begun_hook write_begun)
    : time_(time),
      chosen_(std::move(chosen)),
      written_(std::move(written)),
      write_begun_(std::move(write_begun)),
      lots_(chosen_.seed),
      damage_(runtime::derive_seed(chosen_.seed, "damage")),
      write_time_(chosen_.write_time),
      memory_(chosen_.shards) {}

node_disk::~node_disk() = default;

result<storage::store> node_disk::open() {
  ++process_;
  failing_.reset();
  files_.set_judge({});
  storage::store opened;
  if (chosen_.tier == storage_tier::memory) {
    BV_ASSIGN(opened, storage::open_memory_store(memory_, {.on_commit = {}, .catches_up = !chosen_.replicated}));
  } else {
    BV_ASSIGN(opened, storage::open_rocks_store({.folder = chosen_.folder,
                                                 .shards = chosen_.shards,
                                                 .durable = storage::durability::fsync,
                                                 .catches_up = !chosen_.replicated,
                                                 .opens_rotten = chosen_.replicated,
                                                 .on_commit = {},
                                                 .on_note = {},
                                                 .seam = &files_}));
    opened.derived = make_exact_derived(std::move(opened.derived));
  }
  auto paced = std::make_unique<paced_journal>(
      std::move(opened.log), paced_journal::hooks{.begin_write = [this] { begin_write(); }, .written = written_, .noted = noted_, .truncated = truncated_});
  journal_ = paced.get();
  derived_ = opened.derived.get();
  opened.log = std::move(paced);
  return opened;
}

void node_disk::begin_write() {
  const auto number = ++writes_;
  const auto mine = process_;
  // Not at once: whoever appends is in the middle of a turn, and the write's beginning may be the node's end.
  time_.after(duration::zero(), [this, number, mine] {
    if (mine == process_ && journal_) write_begun_(number);
  });
  time_.after(draw(write_time_, lots_), [this, mine] {
    if (mine == process_ && journal_) finish_write();
  });
}

void node_disk::finish_write() {
  journal_->finish_write();
  if (lots_.below(writes_between_flushes) == 0 && !failing_) static_cast<void>(derived_->flush());
}

void node_disk::crash(unsynced what) {
  if (!journal_) return;
  if (what == unsynced::drawn) what = static_cast<unsynced>(lots_.below(3));
  if (what == unsynced::kept) journal_->finish_write(true);
  if (what == unsynced::torn && chosen_.tier == storage_tier::rocks) {
    tear_next_write();
    journal_->finish_write(true);
  }
  journal_->abandon();
  release();
  memory_.crash();
  files_.stop();
}

void node_disk::release() {
  journal_ = nullptr;
  derived_ = nullptr;
  ++process_;
}

void node_disk::settle_after_crash() {
  files_.cut_power([this](const std::string&, std::uint64_t unsynced) { return damage_.below(unsynced + 1); });
  // Not near the end: the last batch, unreadable, looks as if the power had gone before its fsync, and is cut off.
  if (std::exchange(rots_, false)) files_.flip_bit(is_log, [this](std::uint64_t size) { return damage_.below((size + 1) / 2); });
  files_.start();
}

void node_disk::tear_next_write() {
  const auto share = damage_.fraction();
  files_.set_judge([share](const fault_disk::event& about) -> fault_disk::verdict {
    if (!is_log(about.path) || about.what != fault_disk::step::write) return {};
    return {std::make_error_code(std::errc::io_error), static_cast<std::size_t>(share * static_cast<double>(about.size))};
  });
}

void node_disk::fail_writes(const error& why) {
  if (!journal_) return;
  failing_ = why;
  journal_->blame(why);
  if (chosen_.tier == storage_tier::memory) return memory_.fail(why);
  const bool full = why.code == "disk_full";
  files_.set_judge([full](const fault_disk::event& about) -> fault_disk::verdict {
    if (!is_log(about.path) || about.what != (full ? fault_disk::step::write : fault_disk::step::sync)) return {};
    return {std::make_error_code(full ? std::errc::no_space_on_device : std::errc::io_error)};
  });
}

bool node_disk::rot() {
  if (!journal_) return false;
  for (std::uint16_t i = 0; i < chosen_.shards; ++i) {
    const storage::shard_id shard{static_cast<std::uint16_t>((lots_.below(chosen_.shards) + i) % chosen_.shards)};
    const auto bounds = journal_->bounds(shard);
    if (bounds.last < bounds.first) continue;
    if (chosen_.tier == storage_tier::rocks) return rots_ = true;
    const storage::log_index index{bounds.first.value + lots_.below(bounds.last.value - bounds.first.value + 1)};
    const bool flipped = memory_.tamper(shard, index, [&](bytes& batch) { batch[lots_.below(batch.size())] ^= 0x10; });
    if (flipped) return true;
  }
  return false;
}

}  // namespace bv::sim
