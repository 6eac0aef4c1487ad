#include "actors/replication/log_start.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "storage/log_rules.hpp"

namespace bv::replication {
namespace {

using storage::log_index;

constexpr std::string_view configuration_cursor = "replication/configuration";
constexpr std::size_t page_bytes = std::size_t{4} << 20;

result<log_index> read_cursor(storage::journal& log, storage::shard_id shard, std::string_view name) {
  BV_ASSIGN(const auto at, log.read_cursor(name, shard));
  return log_index{at.value};
}

result<entry> entry_at(storage::journal& log, storage::shard_id shard, log_index index) {
  BV_ASSIGN(auto page, log.read(shard, index, 1));
  if (page.empty()) return storage::missing_batch(shard, index);
  return open_entry(std::make_shared<const bytes>(std::move(page.front().data)));
}

entry_label label_of(const entry& from, configuration members) { return {from.term, from.kind, std::move(members)}; }

result<void> read_tail(storage::journal& log, storage::shard_id shard, log_index last, log_start& into) {
  for (auto at = into.point.committed.next(); at <= last;) {
    BV_ASSIGN(auto page, log.read(shard, at, page_bytes));
    if (page.empty()) return storage::missing_batch(shard, at);
    for (auto& one : page) {
      BV_ASSIGN(auto found, open_entry(std::make_shared<const bytes>(std::move(one.data))));
      configuration members;
      if (found.kind == entry_kind::configuration) {
        BV_ASSIGN(members, configuration_in(found));
        into.point.configurations[found.index] = members;
      }
      into.next_offset = found.next_offset;
      into.point.entries.push_back(label_of(found, std::move(members)));
      at = found.index.next();
      into.tail.push_back(std::move(found));
    }
  }
  return {};
}

/// The configuration that counts at point.committed. None is known of a log that a single node wrote, or of one that a
/// follower has only the beginning of.
result<void> read_configuration(storage::journal& log, storage::shard_id shard, log_index at, log_start& into) {
  const auto bounds = log.bounds(shard);
  if (at.value == 0 && bounds.first > log_index{1}) at = into.point.committed;
  if (at.value != 0 && at < bounds.first)
    return failure(error_kind::internal, "configuration_dropped",
                   "retention dropped batch " + std::to_string(at.value) + ", which names the servers of shard " +
                       std::to_string(shard.value));
  const auto where = at.value == 0 ? log_index{1} : at;
  BV_ASSIGN(const auto found, entry_at(log, shard, where));
  configuration members;
  if (found.kind == entry_kind::configuration) {
    BV_ASSIGN(members, configuration_in(found));
  }
  into.point.configurations[where] = std::move(members);
  return {};
}

}  // namespace

result<log_start> read_log_start(storage::journal& log, storage::shard_id shard) {
  log_start found;
  const auto bounds = log.bounds(shard);
  BV_ASSIGN(found.point.hard, log.read_hard_state(shard));
  // A node that was alone never wrote its term.
  if (bounds.last_term > found.point.hard.term) found.point.hard = {bounds.last_term, 0};
  if (bounds.last.value == 0) {
    found.bare = true;
    return found;
  }
  BV_ASSIGN(auto of, read_cursor(log, shard, configuration_cursor));
  BV_ASSIGN(auto committed, read_cursor(log, shard, committed_cursor));
  // A cursor that is written before its entry may survive it.
  if (of > bounds.last) of = {};
  // The first entry is the same on all servers: whoever founds a group writes the same one, others get it from them.
  committed = std::max({std::min(committed, bounds.last), of, bounds.first, log_index{1}});
  BV_ASSIGN(const auto last_committed, entry_at(log, shard, committed));
  found.point.committed = committed;
  found.point.committed_term = last_committed.term;
  found.next_offset = last_committed.next_offset;
  BV_TRY(read_configuration(log, shard, of, found));
  BV_TRY(read_tail(log, shard, bounds.last, found));
  found.bare = std::ranges::all_of(found.point.configurations, [](const auto& one) { return one.second.servers.empty(); });
  return found;
}

result<log_start> read_log_end(storage::journal& log, storage::shard_id shard) {
  log_start found;
  const auto bounds = log.bounds(shard);
  BV_ASSIGN(found.point.hard, log.read_hard_state(shard));
  if (bounds.last_term > found.point.hard.term) found.point.hard = {bounds.last_term, 0};
  found.next_offset = bounds.last_offset.next();
  found.bare = true;
  return found;
}

result<bool> names(storage::journal& log, storage::shard_id shard, server_id who) {
  BV_ASSIGN(const auto of, read_cursor(log, shard, configuration_cursor));
  const auto bounds = log.bounds(shard);
  // A cursor that is written before its entry may survive it.
  if (of < bounds.first || of > bounds.last) return false;
  BV_ASSIGN(const auto found, entry_at(log, shard, of));
  if (found.kind != entry_kind::configuration) return false;
  BV_ASSIGN(const auto members, configuration_in(found));
  return member(members, who) != nullptr;
}

void note_committed(storage::journal& log, storage::shard_id shard, log_index of, log_index committed) {
  // In this order: whoever finds `committed` must find the configuration that counts there, or a later one.
  log.write_cursor(configuration_cursor, shard, storage::event_offset{of.value});
  log.write_cursor(committed_cursor, shard, storage::event_offset{committed.value});
}

}  // namespace bv::replication
