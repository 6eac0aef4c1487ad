#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>

#include "actors/runtime/aggregate.hpp"
#include "actors/runtime/companion.hpp"
#include "actors/runtime/limits.hpp"
#include "actors/runtime/remembered.hpp"
#include "protocols/schema/base/entity_key.hpp"
#include "storage/store.hpp"

namespace bv::runtime {

/// One live aggregate: its state, and what the runtime knows about it. Belongs to its shard's actor.
struct entity {
  entity_key key;
  const aggregate_type* type = nullptr;
  std::uint64_t type_tag = 0;  ///< see event_kinds
  std::unique_ptr<entity_state> state;
  remembered_commands remembered;

  std::uint64_t version = 0;        ///< events so far, uncommitted ones included
  storage::log_index last;          ///< batch of the newest record, committed or not
  timestamp wake_registered;        ///< what the journal says; may be earlier than what the state wants
  std::uint32_t uncommitted = 0;    ///< records that are not committed yet
  std::uint32_t events_since_snapshot = 0;
  std::uint64_t bytes_since_snapshot = 0;
  std::uint64_t snapshot_size_bytes = 0;

  timestamp used_at;
  std::list<entity*>::iterator by_use;  ///< place in the shard's list, longest unused first

  std::size_t touch_slot = 0;           ///< place in the open batch's list of touched entities …
  storage::log_index touched_in;        ///< … if that is the open batch

  /// Both null for plain aggregates. The companion is declared last: it is destroyed first.
  std::unique_ptr<companion_services> services;
  std::unique_ptr<companion> acting;
};

/// What is remembered between two lives of an entity.
bytes encode_snapshot(const entity& of);

/// A recovered entity, before it has a place in a shard.
struct recovered_entity {
  std::unique_ptr<entity_state> state;
  remembered_commands remembered;
  std::uint64_t version = 0;
  storage::log_index last;
  timestamp wake_registered;
  std::uint32_t events_since_snapshot = 0;
  std::uint64_t bytes_since_snapshot = 0;
  std::uint64_t snapshot_size_bytes = 0;
};

/// Reads the newest snapshot and replays the journal after it. An entity without records comes back in its
/// initial state with version 0. Touches the disk. Errors: `journal_corrupt`, `event_unreadable` (the contract
/// can't decode what an older one wrote), and those of the store.
result<recovered_entity> recover_entity(storage::store& store, storage::shard_id shard, const entity_key& key,
                                        const aggregate_type& type, const limits& bounds);

}  // namespace bv::runtime
