#pragma once

#include <functional>
#include <optional>
#include <queue>
#include <vector>

#include "protocols/schema/base/entity_key.hpp"
#include "protocols/schema/base/result.hpp"
#include "protocols/schema/base/time.hpp"
#include "storage/derived_store.hpp"

namespace bv::runtime {

/// The wake-ups of one shard that are near. Far ones stay on disk, where they cost no memory: every
/// half horizon the schedule reads what has come near. A time that turns out to be too early is no harm:
/// whoever is woken asks the state again.
///
/// Belongs to the shard's actor.
class wake_schedule {
 public:
  static constexpr duration horizon = std::chrono::seconds{60};
  static constexpr std::size_t page_size = 1024;

  wake_schedule(storage::derived_store& derived, storage::shard_id shard);

  /// Forgets what it has read.
  void clear();

  /// Reads what has come near since the last call. Due entities count as near.
  result<void> refill(timestamp now);

  /// Adds a wake-up; ignored if it is beyond what refill() has read, since a later refill() finds it then.
  /// The caller sees to it that it is registered in the journal.
  void arm(timestamp due, const entity_key& who);

  /// The next entity whose time has come; nothing if there is none.
  std::optional<entity_key> pop_due(timestamp now);

  /// When to come back: the next wake-up or the next refill, whichever is first.
  [[nodiscard]] timestamp next() const;

 private:
  struct later {
    bool operator()(const storage::due_entity& a, const storage::due_entity& b) const {
      return a.due != b.due ? a.due > b.due : a.entity > b.entity;
    }
  };

  storage::derived_store& derived_;
  const storage::shard_id shard_;
  timestamp read_until_;
  std::priority_queue<storage::due_entity, std::vector<storage::due_entity>, later> near_;
};

}  // namespace bv::runtime
