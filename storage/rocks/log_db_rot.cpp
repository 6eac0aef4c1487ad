// What the database says of a log some of whose batches can't be read: where it ends all the same, and which they are.
#include <algorithm>

#include "storage/log_rules.hpp"
#include "storage/rocks/log_db.hpp"

namespace bv::storage {
namespace {

/// What a batch counts for that can't be read: a survey must end.
constexpr std::size_t least_step_bytes = 64;

}  // namespace

result<void> log_db::load_unsound_bounds(shard_id shard, const error& why) {
  log_bounds found;
  BV_ASSIGN(found.first, first_kept(shard));
  found.last = last_in_place(shard, found.first);
  if (found.last < found.first) return failure(why);
  set_bounds(shard, found);
  found = ends_of(shard, found, {});
  found.sound = false;  // also if it is not an end that is rotten
  set_bounds(shard, found);
  return {};
}

log_bounds log_db::ends_of(shard_id shard, log_bounds known, const std::vector<log_entry>& fresh) {
  bytes data;
  const auto open = [&](log_index index) -> result<batch_reader> {
    const auto given = std::ranges::find(fresh, index, &log_entry::index);
    return given == fresh.end() ? batch_at(shard, index, data) : batch_reader::open(given->data);
  };
  known.sound = true;
  if (const auto first = open(known.first))
    known.first_offset = first->first_offset();
  else
    known.sound = false;
  if (const auto last = open(known.last))
    extend(known, *last);
  else
    known.sound = false;
  return known;
}

result<log_survey> log_db::survey(shard_id shard, log_index from, std::size_t size_bytes_max) {
  log_survey seen{std::max(from, bounds(shard).first), false, {}};
  bytes data;
  for (std::size_t size_bytes = 0; size_bytes < size_bytes_max; seen.next = seen.next.next()) {
    if (seen.next > bounds(shard).last) {
      seen.at_end = true;
      break;
    }
    data.clear();
    const auto batch = batch_at(shard, seen.next, data);
    const auto now = bounds(shard);  // it may have been dropped or truncated meanwhile
    if (!batch && seen.next >= now.first && seen.next <= now.last) seen.rotten.push_back(seen.next);
    size_bytes += std::max(data.size(), least_step_bytes);
  }
  return seen;
}

}  // namespace bv::storage
