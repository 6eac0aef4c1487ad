// What a client was told is what the log says: an accepted command is in it once, with the version and the events that
// were told, and was there before it was told; what was refused for good has no events; no command id acts twice. The
// runtime stores the 128-bit hash of a command id, so ids are compared by that.

#include <algorithm>
#include <map>
#include <set>

#include "sim/checkers/commit_times.hpp"
#include "sim/checkers/invariant.hpp"
#include "sim/checkers/read_events.hpp"

namespace bv::sim {
namespace {

struct version_mark {
  std::uint64_t version = 0;
  timestamp committed_at;
};

/// What is in the log of one entity, in its order.
struct entity_log {
  std::map<hash128_value, std::vector<const observed_record*>> by_command;
  std::vector<version_mark> versions;  ///< ascending
  std::vector<const observed_record*> remembered;  ///< records with a command id
};

std::string told(const operation::accepted& what) {
  std::string text = "version " + std::to_string(what.version) + " with events [";
  for (const auto ordinal : what.events) text += (text.back() == '[' ? "" : " ") + std::to_string(ordinal);
  return text + "]";
}

bool same(const observed_record& record, const operation::accepted& said) {
  return record.version == said.version &&
         std::ranges::equal(record.events, said.events, {}, &observed_event::ordinal);
}

std::string about(const operation& asked) {
  return asked.client + "'s " + (asked.command.empty() ? "view" : asked.command) + " of " + node_name(asked.node) + " " +
         std::string(asked.entity.type_and_id()) + (asked.command_id.empty() ? "" : " (" + asked.command_id + ")");
}

class acknowledged_once_checker final : public judge {
 public:
  static constexpr std::string_view invariant_name = "acknowledged_once";

  explicit acknowledged_once_checker(const runtime::limits& bounds) : judge(invariant_name), bounds_(bounds) {}

  void on_record(const observed_record& record, std::vector<violation>&) override { commits_.note(record); }

  void at_end(const observations& all, std::vector<violation>& found) override {
    std::map<node_entity, entity_log> logs;
    for (const auto& record : all.records) {
      auto& log = logs[entity_of(record)];
      if (!record.events.empty()) log.versions.push_back({record.version, commits_.of(record)});
      if (record.command_id == hash128_value{}) continue;
      log.by_command[record.command_id].push_back(&record);
      log.remembered.push_back(&record);
    }
    for (const auto& asked : all.history) {
      const auto& log = logs[{asked.node, asked.entity.text()}];
      if (const auto* said = std::get_if<operation::accepted>(&asked.outcome)) check_accepted(asked, *said, log, found);
      if (const auto* said = std::get_if<operation::refused>(&asked.outcome)) check_refused(asked, *said, log, found);
      if (const auto* said = std::get_if<operation::seen>(&asked.outcome)) check_seen(asked, *said, log, found);
    }
    for (const auto& [_, log] : logs) check_once(log, found);
  }

 private:
  void check_accepted(const operation& asked, const operation::accepted& said, const entity_log& log,
                      std::vector<violation>& found) {
    if (asked.command_id.empty()) return;
    const auto records = log.by_command.find(hash128(asked.command_id));
    if (records == log.by_command.end())
      return report(found, asked.returned,
                    about(asked) + " was accepted as " + told(said) + ", and is not in the log");
    const auto first = std::ranges::find_if(records->second, [&](const auto* one) { return same(*one, said); });
    if (first == records->second.end())
      return report(found, asked.returned,
                    about(asked) + " was accepted as " + told(said) + ", the log has version " +
                        std::to_string(records->second.front()->version) + " with " +
                        std::to_string(records->second.front()->events.size()) + " events");
    if (const auto committed_at = commits_.of(**first); committed_at > asked.returned)
      report(found, asked.returned,
             about(asked) + " was told " + told(said) + " at " + to_rfc3339(asked.returned) + ", it was committed at " +
                 to_rfc3339(committed_at));
  }

  /// A reused id is refused because of the command that had it first: that one may have events.
  void check_refused(const operation& asked, const operation::refused& said, const entity_log& log,
                     std::vector<violation>& found) {
    if (asked.command_id.empty() || said.why.code == "command_id_reused") return;
    const auto records = log.by_command.find(hash128(asked.command_id));
    if (records == log.by_command.end()) return;
    for (const auto* record : records->second)
      if (!record->events.empty())
        return report(found, asked.returned,
                      about(asked) + " was refused with " + said.why.code + ", and has left " +
                          std::to_string(record->events.size()) + " events: " + place_of(*record));
  }

  /// A view shows what a committed record left behind, and only once that is committed.
  void check_seen(const operation& asked, const operation::seen& said, const entity_log& log,
                  std::vector<violation>& found) {
    if (said.version == 0) return;
    const auto mark = std::ranges::lower_bound(log.versions, said.version, {}, &version_mark::version);
    if (mark == log.versions.end() || mark->version != said.version)
      return report(found, asked.returned,
                    about(asked) + " showed version " + std::to_string(said.version) + ", which no record of the log leaves");
    if (mark->committed_at > asked.returned)
      report(found, asked.returned,
             about(asked) + " showed version " + std::to_string(said.version) + " at " + to_rfc3339(asked.returned) +
                 ", it was committed at " + to_rfc3339(mark->committed_at));
  }

  /// An id may act again only when it was forgotten: too many others came after it, or too much time passed.
  void check_once(const entity_log& log, std::vector<violation>& found) {
    std::map<hash128_value, std::size_t> last;
    for (std::size_t place = 0; place < log.remembered.size(); ++place) {
      const auto& record = *log.remembered[place];
      const auto [before, fresh] = last.try_emplace(record.command_id, place);
      if (fresh) continue;
      const auto since = std::exchange(before->second, place);
      if (may_be_forgotten(log, since, place)) continue;
      report(found, record.committed_at,
             place_of(record) + ": command id " + to_hex(record.command_id) + " is in the log again, it was at version " +
                 std::to_string(log.remembered[since]->version));
    }
  }

  [[nodiscard]] bool may_be_forgotten(const entity_log& log, std::size_t first, std::size_t again) const {
    if (again - first > bounds_.remembered_per_entity_max) return true;
    const auto over = log.remembered[first]->decided_at + bounds_.remember_for;
    return std::any_of(log.remembered.begin() + static_cast<std::ptrdiff_t>(first) + 1,
                       log.remembered.begin() + static_cast<std::ptrdiff_t>(again),
                       [&](const auto* one) { return one->decided_at > over; });
  }

  const runtime::limits bounds_;
  commit_times commits_;
};

}  // namespace

invariant acknowledged_once() {
  return {{acknowledged_once_checker::invariant_name,
           "What a client was told is in the log, once and before it was told; what was refused left nothing."},
          [](const plan& of) -> std::unique_ptr<checker> {
            return std::make_unique<acknowledged_once_checker>(of.bounds);
          }};
}

}  // namespace bv::sim
