#include "actors/runtime/committed_log.hpp"

#include <algorithm>
#include <shared_mutex>
#include <utility>

#include "actors/runtime/router.hpp"
#include "protocols/schema/base/assert.hpp"
#include "storage/batch.hpp"

namespace bv::runtime {

struct committed_log::followers {
  std::shared_mutex mutex;
  std::map<std::uint64_t, event_log::growth_handler> by_ticket;
  std::uint64_t next_ticket = 0;
};

namespace {

std::string_view type_of(bytes_view canonical) {
  const auto first = canonical.find('/');
  const auto second = canonical.find('/', first + 1);
  return canonical.substr(first + 1, second - first - 1);
}

/// Those events of a record that are wanted, the first of which has `first` as its offset.
result<void> append_events(std::vector<logged_event>& to, storage::shard_id shard, storage::event_offset first,
                           const storage::record_view& record, const std::vector<storage::event_view>& events,
                           std::span<const event_interest> by) {
  std::optional<entity_key> entity;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (!wanted(by, type_of(record.entity), events[i].ordinal)) continue;
    if (!entity) {
      BV_ASSIGN(entity, entity_key::parse(record.entity));
    }
    to.push_back({.shard = shard,
                  .offset = storage::event_offset{first.value + i},
                  .entity = *entity,
                  .version = record.version - (events.size() - 1 - i),
                  .ordinal = events[i].ordinal,
                  .payload = bytes(events[i].payload),
                  .at = record.at,
                  .principal = std::string(record.principal),
                  .trace = std::string(record.trace),
                  .correlation = std::string(record.correlation)});
  }
  return {};
}

/// Moves the page past a committed batch and takes what is wanted of it.
result<void> append_batch(event_page& page, bytes_view data, storage::shard_id shard,
                          std::span<const event_interest> by) {
  BV_ASSIGN(auto reader, storage::batch_reader::open(data));
  auto offset = reader.first_offset();
  storage::record_view record;
  std::vector<storage::event_view> events;
  while (true) {
    BV_ASSIGN(const bool more, reader.next(record, events));
    if (!more) break;
    const storage::event_offset behind{offset.value + events.size()};
    if (behind.value > page.through.value + 1) BV_TRY(append_events(page.events, shard, offset, record, events, by));
    offset = behind;
  }
  if (offset.value > 0) page.through = std::max(page.through, storage::event_offset{offset.value - 1});
  return {};
}

}  // namespace

committed_log::committed_log(storage::store& store, std::uint16_t shard_count)
    : store_(store), followers_(std::make_shared<followers>()) {
  for (std::uint16_t i = 0; i < shard_count; ++i) {
    shards_.push_back(std::make_unique<shard_end>(recent_size_bytes_max / shard_count));
    shards_.back()->committed = store_.log->bounds(storage::shard_id{i}).last_offset.value;
  }
}

storage::event_offset committed_log::end(storage::shard_id shard) const {
  return storage::event_offset{shards_[shard.value]->committed.load(std::memory_order_acquire)};
}

void committed_log::on_committed(storage::shard_id shard, committed_batch batch) {
  auto& end = *shards_[shard.value];
  const auto last = batch.last_offset.value;
  const auto kinds = batch.kinds;
  end.recent.add(std::move(batch));
  // A batch of remembered rejections holds no events: then nothing has moved.
  if (end.committed.exchange(last, std::memory_order_acq_rel) == last) return;
  std::shared_lock lock(followers_->mutex);
  for (const auto& [ticket, grown] : followers_->by_ticket) grown(shard, kinds);
}

void committed_log::on_begun(storage::shard_id shard, storage::event_offset end) {
  shards_[shard.value]->committed.store(end.value, std::memory_order_release);
}

void committed_log::on_led(storage::shard_id shard, bool here) {
  if (shards_[shard.value]->led.exchange(here, std::memory_order_acq_rel) == here) return;
  std::shared_lock lock(followers_->mutex);
  for (const auto& [ticket, moved] : followers_->by_ticket) moved(shard, {});
}

std::shared_ptr<void> committed_log::follow(growth_handler grown) {
  std::unique_lock lock(followers_->mutex);
  const auto ticket = followers_->next_ticket++;
  followers_->by_ticket.emplace(ticket, std::move(grown));
  return std::shared_ptr<void>(nullptr, [all = followers_, ticket](void*) {
    std::unique_lock leave(all->mutex);
    all->by_ticket.erase(ticket);
  });
}

result<storage::log_index> committed_log::locate(storage::shard_id shard, storage::event_offset after) {
  auto& place = *shards_[shard.value];
  {
    std::lock_guard lock(place.hints_mutex);
    for (const auto& hint : place.hints)
      if (hint.after == after && hint.next.value > 0) return hint.next;
  }
  return store_.log->find(shard, after.next());
}

void committed_log::remember(storage::shard_id shard, resume_hint hint) {
  auto& place = *shards_[shard.value];
  std::lock_guard lock(place.hints_mutex);
  for (const auto& known : place.hints)
    if (known.after == hint.after && known.next == hint.next) return;
  place.hints[place.next_hint++ % hints_per_shard] = hint;
}

result<event_page> committed_log::read(storage::shard_id shard, storage::event_offset after,
                                       std::size_t size_bytes_max, std::span<const event_interest> wanted) {
  BV_ASSERT(shard.value < shards_.size(), "a reader asks for a shard that does not exist");
  event_page page{.events = {}, .through = after, .at_end = after >= end(shard)};
  if (page.at_end) return page;
  const auto kinds = event_kinds::of(wanted);
  if (const auto recent = shards_[shard.value]->recent.read(after, size_bytes_max, kinds)) {
    for (const auto& batch : *recent)
      if (batch.kinds.may_share(kinds))
        BV_TRY(append_batch(page, *batch.data, shard, wanted));
      else
        page.through = batch.last_offset;
  } else {
    BV_TRY(read_stored(page, shard, size_bytes_max, wanted));
  }
  // A cursor may stand inside a record.
  std::erase_if(page.events, [&](const logged_event& e) { return e.offset <= after; });
  page.at_end = page.through >= end(shard);
  return page;
}

result<void> committed_log::read_stored(event_page& page, storage::shard_id shard, std::size_t size_bytes_max,
                                        std::span<const event_interest> wanted) {
  const auto after = page.through;
  const auto committed = end(shard);
  BV_ASSIGN(auto next, locate(shard, after));
  // Batches of remembered rejections hold no events: read on until the cursor moves.
  while (page.through == after) {
    BV_ASSIGN(const auto entries, store_.log->read(shard, next, size_bytes_max));
    BV_ASSERT(!entries.empty(), "committed events are missing from the journal");
    for (const auto& entry : entries) {
      BV_ASSIGN(const auto batch, storage::batch_reader::open(entry.data));
      if (batch.first_offset() > committed) break;  // durable is not committed
      BV_TRY(append_batch(page, entry.data, shard, wanted));
      next = entry.index.next();
    }
  }
  remember(shard, {page.through, next});
  return {};
}

result<std::vector<logged_event>> committed_log::history(const entity_key& entity, std::uint64_t after_version,
                                                         std::size_t count_max) {
  const auto shard = shard_of(entity, shards_.size());
  BV_ASSIGN(const auto row, store_.derived->find(shard, entity));
  std::vector<logged_event> found;
  if (!row) return found;

  // The journal links records backwards: note the batches on the way, then read them forwards.
  std::vector<storage::log_index> batches;
  storage::record_view record;
  std::vector<storage::event_view> events;
  for (auto index = row->last; index.value != 0;) {
    if (batches.size() == history_batches_max)
      return failure(error_kind::too_large, "history_too_long",
                     "the history of this entity is too long to be read by entity; follow the event log instead");
    BV_ASSIGN(const auto entries, store_.log->read(shard, index, 1));
    if (entries.empty()) break;
    batches.push_back(index);
    BV_ASSIGN(auto reader, storage::batch_reader::open(entries.front().data));
    storage::log_index previous;
    bool first = true;
    std::uint64_t oldest = 0;
    while (true) {
      BV_ASSIGN(const bool more, reader.next(record, events));
      if (!more) break;
      if (record.entity != entity.text() || !std::exchange(first, false)) continue;
      previous = record.previous;
      oldest = record.version - events.size();
    }
    if (oldest <= after_version) break;
    index = previous;
  }

  for (auto index = batches.rbegin(); index != batches.rend() && found.size() < count_max; ++index) {
    BV_ASSIGN(const auto entries, store_.log->read(shard, *index, 1));
    BV_ASSIGN(auto reader, storage::batch_reader::open(entries.front().data));
    auto offset = reader.first_offset();
    while (true) {
      BV_ASSIGN(const bool more, reader.next(record, events));
      if (!more) break;
      if (record.entity == entity.text() && record.version > after_version)
        BV_TRY(append_events(found, shard, offset, record, events, {}));
      offset = storage::event_offset{offset.value + events.size()};
    }
  }
  std::erase_if(found, [&](const logged_event& e) { return e.version <= after_version; });
  if (found.size() > count_max) found.resize(count_max);
  return found;
}

}  // namespace bv::runtime
