#include "storage/memory_state.hpp"

namespace bv::storage {
namespace {

class memory_derived final : public derived_store {
 public:
  explicit memory_derived(std::shared_ptr<memory_state> state)
      : state_(std::move(state)), generation_(state_->generation) {}

  void apply(shard_id shard, log_index through, std::vector<entity_update> updates) override {
    const std::lock_guard lock(state_->mutex);
    if (!alive()) return;
    auto& rows = own(state_->current.shards.at(shard.value));
    for (auto& update : updates) {
      const auto& name = update.entity.text();
      if (update.wake_before.ns != 0) rows.timers.erase({update.wake_before.ns, name});
      if (update.wake_after.ns != 0) rows.timers.insert({update.wake_after.ns, name});
      auto& row = rows.entities[name];
      row.version = update.version;
      row.last = update.index;
      row.wake = update.wake_after;
      if (update.taken) row.newest_snapshot = std::move(update.taken);
    }
    rows.through = std::max(rows.through, through);
  }

  result<std::optional<entity_row>> find(shard_id shard, const entity_key& entity) override {
    const std::lock_guard lock(state_->mutex);
    if (!alive()) return store_closed();
    const auto& entities = state_->current.shards.at(shard.value)->entities;
    const auto found = entities.find(entity.text());
    if (found == entities.end()) return std::optional<entity_row>{};
    return std::optional{found->second};
  }

  bool certainly_absent(shard_id shard, const entity_key& entity) override {
    const std::lock_guard lock(state_->mutex);
    return alive() && !state_->current.shards.at(shard.value)->entities.contains(entity.text());
  }

  result<std::vector<due_entity>> due(shard_id shard, const due_entity& after, timestamp until,
                                      std::size_t count_max) override {
    const std::lock_guard lock(state_->mutex);
    if (!alive()) return store_closed();
    const auto& timers = state_->current.shards.at(shard.value)->timers;
    std::vector<due_entity> found;
    auto at = timers.upper_bound({after.due.ns, after.entity.text()});
    for (; at != timers.end() && at->first <= until.ns && found.size() < count_max; ++at) {
      BV_ASSIGN(auto entity, entity_key::parse(at->second));
      found.push_back({timestamp{at->first}, std::move(entity)});
    }
    return found;
  }

  result<std::vector<entity_key>> list(shard_id shard, std::string_view tenant, std::string_view type,
                                       std::string_view after_id, std::size_t count_max) override {
    const std::lock_guard lock(state_->mutex);
    if (!alive()) return store_closed();
    const auto& entities = state_->current.shards.at(shard.value)->entities;
    const auto prefix = std::string(tenant) + "/" + std::string(type) + "/";
    std::vector<entity_key> found;
    auto at = entities.upper_bound(prefix + std::string(after_id));
    for (; at != entities.end() && at->first.starts_with(prefix) && found.size() < count_max; ++at) {
      BV_ASSIGN(auto entity, entity_key::parse(at->first));
      found.push_back(std::move(entity));
    }
    return found;
  }

  log_index through(shard_id shard) const override {
    const std::lock_guard lock(state_->mutex);
    return state_->current.shards.at(shard.value)->through;
  }

  log_index durable_through(shard_id shard) const override {
    const std::lock_guard lock(state_->mutex);
    return state_->durable.shards.at(shard.value)->through;
  }

  result<void> flush() override {
    const std::lock_guard lock(state_->mutex);
    if (!alive()) return store_closed();
    state_->durable = state_->current;
    return {};
  }

 private:
  bool alive() const { return state_->generation == generation_; }

  std::shared_ptr<memory_state> state_;
  const std::uint64_t generation_;
};

}  // namespace

std::unique_ptr<derived_store> make_memory_derived(std::shared_ptr<memory_state> state) {
  return std::make_unique<memory_derived>(std::move(state));
}

}  // namespace bv::storage
