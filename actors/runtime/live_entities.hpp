#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <unordered_map>

#include "actors/runtime/entity.hpp"
#include "protocols/schema/base/entity_key.hpp"

namespace bv::runtime {

/// The entities of one shard that are in memory, with the order in which they were last used.
class live_entities {
 public:
  [[nodiscard]] entity* find(const entity_key& key);
  /// Takes the entity in as the most recently used one; there must be none with its key.
  entity& insert(std::unique_ptr<entity> made, timestamp now);
  void erase(entity& gone);
  void clear();

  void used(entity& by, timestamp now);

  /// Longest unused first.
  [[nodiscard]] const std::list<entity*>& by_use() const { return by_use_; }
  [[nodiscard]] std::size_t size() const { return entities_.size(); }

 private:
  std::unordered_map<entity_key, std::unique_ptr<entity>> entities_;
  std::list<entity*> by_use_;
};

}  // namespace bv::runtime
