#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocols/schema/base/bytes.hpp"
#include "protocols/schema/base/entity_key.hpp"
#include "protocols/schema/base/result.hpp"
#include "protocols/schema/base/time.hpp"

namespace bv::sim {

/// A committed event of one entity.
struct recorded_event {
  std::uint64_t version = 0;  ///< of the entity with it
  timestamp at;               ///< when it was decided
  bytes payload;              ///< Cap'n Proto message, root: the contract's Event
};

/// What an entity was at a version.
struct recorded_state {
  std::uint64_t version = 0;
  bytes state;  ///< Cap'n Proto message, root: the contract's State
};

/// Where recorded events come from: a data directory, or a running node. One thread; may block on disk or network.
class event_source {
 public:
  virtual ~event_source() = default;

  /// Events of an entity after a version, oldest first, up to now; empty if there are none.
  virtual result<std::vector<recorded_event>> history(const entity_key& of, std::uint64_t after_version) = 0;
  /// Some state of an entity, at whatever version is cheapest to have; nothing if none is kept. Saves reading a long
  /// history from its beginning.
  virtual result<std::optional<recorded_state>> known_state(const entity_key& of) = 0;
  /// Ids of a few sagas whose names are like this one, for people who misspelt it.
  virtual result<std::vector<std::string>> sagas_like(const std::string& id) = 0;
};

}  // namespace bv::sim
