#include "tools/chaos/schedule.hpp"

#include <algorithm>

#include "protocols/schema/base/assert.hpp"

namespace bv::chaos {
namespace {

/// One of the other kinds for so many that are counted.
constexpr std::size_t counted_for_each_other = 10;

struct times {
  unsigned from_ms, to_ms;
};

/// How long a fault lasts. A kill: until the node is started again, at times before and at times after the others have noticed.
constexpr times lasting(fault_kind kind) {
  switch (kind) {
    case fault_kind::kill: return {100, 2500};
    case fault_kind::pause: return {500, 4000};
    case fault_kind::partition:
    case fault_kind::one_way: return {1500, 5000};
    case fault_kind::loss:
    case fault_kind::delay: return {2000, 5000};
    case fault_kind::disk_full: return {1000, 3000};
  }
  return {1000, 1000};
}
constexpr times quiet{300, 1500};

}  // namespace

std::optional<fault_kind> fault_named(std::string_view name) {
  const auto found = std::ranges::find(fault_names, name);
  if (found == fault_names.end()) return std::nullopt;
  return static_cast<fault_kind>(found - fault_names.begin());
}

schedule::schedule(const schedule_options& options) : options_(options), chance_(runtime::derive_seed(options.seed, "faults")) {
  BV_ASSERT(!options.kinds.empty(), "a schedule needs kinds of faults");
  if (options.kills + options.partitions == 0) return;
  coming_ = counted();
  shuffle(coming_);
  size_ = coming_.size();
}

/// The counted ones and their companions.
std::vector<fault_kind> schedule::counted() const {
  std::vector<fault_kind> all(options_.kills, fault_kind::kill);
  std::vector<fault_kind> cuts, others;
  for (const auto kind : options_.kinds) {
    if (kind == fault_kind::partition || kind == fault_kind::one_way) cuts.push_back(kind);
    else if (kind != fault_kind::kill) others.push_back(kind);
  }
  if (cuts.empty()) cuts.push_back(fault_kind::partition);
  for (std::size_t i = 0; i < options_.partitions; ++i) all.push_back(cuts[i % cuts.size()]);
  const auto rounds = others.empty() ? 0 : (all.size() + counted_for_each_other - 1) / counted_for_each_other;
  for (std::size_t i = 0; i < rounds; ++i) all.insert(all.end(), others.begin(), others.end());
  return all;
}

void schedule::shuffle(std::vector<fault_kind>& order) {
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[chance_.below(i)]);
}

std::chrono::milliseconds schedule::between(unsigned from_ms, unsigned to_ms) {
  return std::chrono::milliseconds(from_ms + chance_.below(to_ms - from_ms + 1));
}

std::optional<planned_fault> schedule::next() {
  if (coming_.empty()) {
    if (size_) return std::nullopt;
    coming_ = options_.kinds;
    shuffle(coming_);
  }
  planned_fault made{.kind = coming_.back()};
  coming_.pop_back();
  made.after = between(quiet.from_ms, quiet.to_ms);
  const auto lasts = lasting(made.kind);
  made.lasts = between(lasts.from_ms, lasts.to_ms);
  made.node = chance_.below(options_.nodes);
  made.shard = static_cast<std::uint16_t>(chance_.below(options_.shards));
  made.inbound = chance_.below(2) == 0;
  if (made.kind == fault_kind::disk_full) made.node = options_.small_disk_node;
  return made;
}

}  // namespace bv::chaos
