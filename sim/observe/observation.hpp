#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "protocols/schema/base/bytes.hpp"
#include "protocols/schema/base/entity_key.hpp"
#include "protocols/schema/base/hash.hpp"
#include "protocols/schema/base/result.hpp"
#include "protocols/schema/base/time.hpp"
#include "storage/types.hpp"

/// What can be seen of a run from outside of the code under test: what clients sent and heard, and what is on the disks.
/// Checkers judge by this alone, and by code of their own.
namespace bv::sim {

struct observed_event {
  std::uint16_t ordinal = 0;
  std::string_view name;  ///< member of the contract's Event union; lives as long as the contract
  bytes payload;          ///< Cap'n Proto message, root: that Event struct
};

/// A record that is committed: on the node's disk, in a whole batch.
struct observed_record {
  std::uint16_t node = 0;
  storage::shard_id shard;
  storage::log_index index;
  storage::event_offset first_offset;  ///< of its first event
  entity_key entity;
  std::uint64_t version = 0;  ///< after it
  timestamp decided_at;       ///< by the node's clock
  timestamp committed_at;     ///< by the world's; for what a crash let through, when the node came back
  timestamp wake_before, wake_after;
  hash128_value command_id;   ///< zero: none
  std::string principal;
  std::vector<observed_event> events;
};

/// One thing that a client asked, over all its attempts.
struct operation {
  std::string client, user;
  std::uint16_t node = 0;
  entity_key entity;
  std::string command;      ///< empty: a view
  bool stale = false;       ///< a view for which what the node has will do
  bytes body;               ///< the encoded command
  std::string command_id;
  timestamp invoked;        ///< by the world's clock
  timestamp returned;       ///< 0: nothing was heard, it may have happened
  std::uint32_t attempts = 0;

  struct accepted {
    std::uint64_t version = 0;
    std::vector<std::uint16_t> events;
  };
  struct seen {
    std::uint64_t version = 0;
    bytes state;
    std::uint16_t by = 0;     ///< number of the node that showed it
    std::uint64_t life = 0;   ///< counts that node's processes
  };
  struct refused {
    error why;  ///< a rejection that will stand: nothing happened
  };
  struct unknown {};  ///< gave up, or the run ended: may have happened
  std::variant<unknown, accepted, seen, refused> outcome;
};

/// What a node says of itself while it runs.
struct node_load {
  std::uint16_t node = 0;
  std::int64_t entities_live = 0, entities_live_max = 0;  ///< the second is what the run's limits allow
  std::int64_t in_flight = 0, in_flight_max = 0;
  bool serving = false;
};

/// The payment processor's own books, in minor units.
struct processor_books {
  std::int64_t held = 0, taken = 0, given_back = 0;
};

/// The rows of a read model by their keys.
using read_model_rows = std::map<bytes, bytes>;

/// All of a run when it is over.
struct observations {
  timestamp now;                        ///< world's clock at the end
  std::vector<operation> history;       ///< in the order of `invoked`
  std::vector<observed_record> records; ///< in the order of `committed_at`; within a shard in that of the log
  std::vector<node_load> loads;         ///< now and then while it ran, in that order
  processor_books processor;
  /// The state of every entity that has one, as the node says at the very end, by node and key.
  struct last_state {
    std::uint16_t node = 0;
    entity_key entity;
    std::uint64_t version = 0;
    bytes state;
  };
  std::vector<last_state> states;
  /// A read model as it was kept up to date, and as it is when it is computed anew from the first event.
  struct read_model {
    std::uint16_t node = 0;
    std::string name;
    read_model_rows kept, anew;
  };
  std::vector<read_model> read_models;
};

}  // namespace bv::sim
