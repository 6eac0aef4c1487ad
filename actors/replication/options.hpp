#pragma once

#include <cstddef>
#include <cstdint>

namespace bv::replication {

struct consensus_options {
  std::uint32_t election_timeout_ms = 300;  ///< least silence before an election; the most is twice that
  std::uint32_t heartbeat_ms = 50;
  /// Least silence before an election if the link with the leader is lost: that of two heartbeats shows that it does not speak
  /// by another way. The second in line waits for twice that, and so on.
  std::uint32_t lost_leader_ms = 100;
  std::uint32_t retained_entries = 512;  ///< labels that are kept of what is committed, for followers a little behind
};

struct feed_options {
  std::size_t chunk_bytes = std::size_t{256} << 10;
  std::size_t window_bytes = std::size_t{1} << 20;  ///< sent and not yet answered
  std::uint32_t resend_after_ms = 500;              ///< without an answer that brings it further
};

struct group_options {
  consensus_options consensus;
  feed_options feed;
  std::size_t message_bytes_max = std::size_t{1} << 20;  ///< of entries; one larger entry goes alone
  std::size_t send_bytes_max = std::size_t{8} << 20;     ///< to one follower at a time; the rest is sent when asked for
  std::size_t cache_bytes_max = std::size_t{16} << 20;   ///< committed entries that are kept in memory
  std::uint64_t uncommitted_max = 1024;                  ///< proposals beyond it are refused
  std::size_t reads_max = 4096;                          ///< that wait for a round
  /// How much of the log is read, and how often, to find rot before the batch is needed or the other copies rot too. Of 64
  /// shards that is 270 KiB a second; of a log of 1 GiB all has been read after three days.
  std::size_t look_bytes = std::size_t{256} << 10;
  std::uint64_t between_looks_ms = 60'000;
};

}  // namespace bv::replication
