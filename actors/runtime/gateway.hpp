#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "protocols/schema/base/bytes.hpp"
#include "protocols/schema/base/entity_key.hpp"
#include "protocols/schema/base/result.hpp"
#include "protocols/schema/base/time.hpp"
#include "storage/types.hpp"

namespace bv::runtime {

/// Who asks, and what the answer is to be traced by. Travels with every command and into the journal.
struct caller {
  std::string principal;    ///< user id; empty for the system itself (timers, sagas)
  std::string trace;        ///< W3C traceparent, or empty
  std::string correlation;  ///< as the client sent it, or empty
};

struct command_request {
  entity_key entity;
  bytes command;           ///< Cap'n Proto message, root: the contract's Command
  std::string command_id;  ///< at most 256 bytes; empty: the command is not remembered, a retry acts again
  caller from;
  timestamp deadline;      ///< 0: the node's default. After it the answer is `timeout`, whatever happened
  std::optional<std::uint64_t> expected_version;  ///< else `precondition_failed`, nothing happens
  /// The id of another command to the same entity, which this one takes back. If it comes later, it is refused as `command_voided`: a
  /// command may be on its way for as long as its deadline allows, and is sent again meanwhile. Empty: none.
  std::string voids = {};
};

/// The answer to an accepted command. The same for every retry of the same command id.
struct receipt {
  std::uint64_t version = 0;          ///< of the entity after the command
  std::vector<std::uint16_t> events;  ///< ordinals of the events that it caused; may be empty
  bool repeated = false;              ///< this is the first answer again
};
using receipt_handler = std::function<void(result<receipt>)>;

/// What a view may miss.
enum class consistency : std::uint8_t {
  linearizable,  ///< nothing that anybody was told before it was asked
  /// What this node has not taken in yet, whoever wrote it. It is a committed state of the entity, and none older than a
  /// stale view of it that this node's process gave before. Nobody else is asked: so it comes where there is no leader.
  stale,
};

struct view_request {
  entity_key entity;
  timestamp deadline = {};  ///< 0: the node's default. After it the answer is `timeout`
  consistency wanted = consistency::linearizable;
};

/// How a stale view stands to what is committed, as far as its node knows. Without a leader the node hears of nothing new.
struct staleness {
  bool leader_known = false;
  std::uint64_t batches_behind = 0;  ///< of the entity's shard: known to be committed, and not taken in here
};

/// The state of an entity. Version 0 means that it has no events yet: `state` is then the type's initial one.
struct entity_view {
  std::uint64_t version = 0;
  bytes state;  ///< Cap'n Proto message, root: the contract's State
  std::optional<staleness> stale = {};  ///< if a stale view was wanted
};
using view_handler = std::function<void(result<entity_view>)>;

/// The way to every aggregate, wherever it lives. Threads: any. A handler is called exactly once, on any
/// thread, possibly before the call returns; it must not block.
class gateway {
 public:
  virtual ~gateway() = default;
  /// Answers when the command's events are committed, or with the reason why there are none.
  virtual void ask(command_request request, receipt_handler answer) = 0;
  /// Answers when everything that the state depends on is committed.
  virtual void view(view_request request, view_handler answer) = 0;
};

}  // namespace bv::runtime
