#include "actors/runtime/live_entities.hpp"

#include "protocols/schema/base/assert.hpp"

namespace bv::runtime {

entity* live_entities::find(const entity_key& key) {
  const auto found = entities_.find(key);
  return found == entities_.end() ? nullptr : found->second.get();
}

entity& live_entities::insert(std::unique_ptr<entity> made, timestamp now) {
  auto& placed = *made;
  placed.used_at = now;
  placed.by_use = by_use_.insert(by_use_.end(), &placed);
  const bool added = entities_.emplace(placed.key, std::move(made)).second;
  BV_ASSERT(added, "an entity is hosted twice");
  return placed;
}

void live_entities::erase(entity& gone) {
  by_use_.erase(gone.by_use);
  const auto key = gone.key;  // the map destroys the entity, and its key with it
  entities_.erase(key);
}

void live_entities::clear() {
  by_use_.clear();
  entities_.clear();
}

void live_entities::used(entity& by, timestamp now) {
  by.used_at = now;
  by_use_.splice(by_use_.end(), by_use_, by.by_use);
}

}  // namespace bv::runtime
