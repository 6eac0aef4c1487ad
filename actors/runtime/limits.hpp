#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "protocols/schema/base/time.hpp"

namespace bv::runtime {

/// Every bound of the runtime, with its default. What a config file may change is named there.
struct limits {
  /// Commands and views that a shard has admitted and not answered; beyond it: `overloaded`.
  std::uint32_t in_flight_per_shard_max = 4096;
  /// Batches of a shard that are being written; what comes meanwhile waits in the open one.
  std::uint32_t batches_in_flight_max = 2;
  /// An open batch this large is handed to the journal without waiting for the mailbox to run dry.
  std::size_t batch_size_bytes_max = std::size_t{1} << 20;
  /// Entities that a shard keeps in memory; the longest unused goes first.
  std::uint32_t live_entities_per_shard_max = 65'536;
  /// An entity that nobody asked for this long leaves the memory.
  duration idle_before_passivation = std::chrono::minutes{10};
  /// How long a command id is remembered, and how many of one entity at most.
  duration remember_for = std::chrono::hours{24};
  std::uint32_t remembered_per_entity_max = 10'000;
  /// Deadline of a request that names none.
  duration default_deadline = std::chrono::seconds{10};
  /// A read model that has taken in what was new waits this long for more: under load one write brings many events.
  duration projection_rest = std::chrono::milliseconds{5};
  /// What a read model or a subscription takes in of a shard's log at once: large enough to make a write worth it, small
  /// enough to let others run.
  std::size_t log_page_size_bytes_max = std::size_t{256} << 10;
  /// What a client is told to wait after `overloaded`.
  int overloaded_retry_after_ms = 100;
  std::size_t command_size_bytes_max = std::size_t{1} << 20;
  std::size_t command_id_size_bytes_max = 256;
  /// Events between two snapshots also have to weigh as much as the last snapshot did, so that a large
  /// state is not written over and over.
  std::uint32_t events_before_passivation_snapshot = 16;
};

}  // namespace bv::runtime
