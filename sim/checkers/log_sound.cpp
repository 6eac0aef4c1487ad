// The log is the database: if it has a hole, or says something else than before, nothing else counts. Every record is
// noted when it is committed, as a hash; at the end the disk must give the same ones again.

#include <map>
#include <optional>

#include "sim/checkers/invariant.hpp"
#include "sim/checkers/read_events.hpp"

namespace bv::sim {
namespace {

void append(bytes& to, std::uint64_t number) { to.append(reinterpret_cast<const char*>(&number), sizeof number); }

void append(bytes& to, std::string_view text) {
  append(to, text.size());
  to += text;
}

/// Of all that is on the disk. When it was committed is not.
std::uint64_t fingerprint(const observed_record& record) {
  bytes all;
  append(all, record.index.value);
  append(all, record.first_offset.value);
  append(all, record.entity.text());
  append(all, record.version);
  append(all, static_cast<std::uint64_t>(record.decided_at.ns));
  append(all, static_cast<std::uint64_t>(record.wake_after.ns));
  append(all, record.command_id.high);
  append(all, record.command_id.low);
  append(all, record.principal);
  for (const auto& event : record.events) {
    append(all, event.ordinal);
    append(all, event.payload);
  }
  return hash64(all);
}

using node_shard = std::pair<std::uint16_t, storage::shard_id>;

class log_sound_checker final : public judge {
 public:
  static constexpr std::string_view invariant_name = "log_sound";

  explicit log_sound_checker(const plan& of) : judge(invariant_name), clustered_(of.where.clustered()) {}

  void on_record(const observed_record& record, std::vector<violation>& found) override {
    check_place(record, found);
    check_version(record, found);
    told_[{record.node, record.shard}].push_back(fingerprint(record));
  }

  void at_end(const observations& all, std::vector<violation>& found) override {
    std::map<node_shard, std::size_t> read;
    for (const auto& record : all.records) {
      const node_shard log{record.node, record.shard};
      const auto place = read[log]++;
      const auto& told = told_[log];
      if (place < told.size() && told[place] != fingerprint(record))
        report(found, all.now,
               place_of(record) + ": the disk says something else in batch " + std::to_string(record.index.value) +
                   " than when it was committed");
    }
    for (const auto& [log, told] : told_) {
      const auto kept = read[log];
      if (kept >= told.size()) continue;
      report(found, all.now,
             node_name(log.first) + " shard " + std::to_string(log.second.value) + ": of " +
                 std::to_string(told.size()) + " committed records " + std::to_string(kept) + " are on the disk");
    }
  }

 private:
  struct log_end {
    std::uint64_t index = 0, next_offset = 1;
  };

  /// Batches and offsets follow one another without gaps.
  void check_place(const observed_record& record, std::vector<violation>& found) {
    auto& end = ends_[{record.node, record.shard}];
    // In a cluster, replication itself writes batches without records in between.
    const bool follows = record.index.value == end.index + 1 || (clustered_ && record.index.value > end.index);
    if (record.index.value != end.index && !follows)
      report(found, record.committed_at,
             place_of(record) + ": batch " + std::to_string(record.index.value) + " comes after batch " +
                 std::to_string(end.index));
    if (!record.events.empty() && record.first_offset.value != end.next_offset)
      report(found, record.committed_at,
             place_of(record) + ": its first event has offset " + std::to_string(record.first_offset.value) +
                 ", the next one was " + std::to_string(end.next_offset));
    end.index = record.index.value;
    if (!record.events.empty()) end.next_offset = record.first_offset.value + record.events.size();
  }

  void check_version(const observed_record& record, std::vector<violation>& found) {
    auto& known = entities_.try_emplace(entity_of(record), entity_end{record.shard, 0}).first->second;
    if (known.shard != record.shard)
      report(found, record.committed_at,
             place_of(record) + " is in shard " + std::to_string(record.shard.value) + ", it was in shard " +
                 std::to_string(known.shard.value));
    if (record.version != known.version + record.events.size())
      report(found, record.committed_at,
             place_of(record) + ": it was at version " + std::to_string(known.version) + " and had " +
                 std::to_string(record.events.size()) + " events");
    known.version = record.version;
  }

  struct entity_end {
    storage::shard_id shard;
    std::uint64_t version = 0;
  };

  const bool clustered_;
  std::map<node_shard, log_end> ends_;
  std::map<node_entity, entity_end> entities_;
  std::map<node_shard, std::vector<std::uint64_t>> told_;
};

}  // namespace

invariant log_sound() {
  return {{log_sound_checker::invariant_name,
           "Versions and offsets follow one another without gaps, and what is committed never changes or disappears."},
          [](const plan& of) -> std::unique_ptr<checker> { return std::make_unique<log_sound_checker>(of); }};
}

}  // namespace bv::sim
