#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "actors/runtime/interconnect.hpp"

namespace bv::cluster {

/// How the counters below are changed and read: each is only a number, nothing hangs on their order.
inline constexpr auto relaxed = std::memory_order_relaxed;

/// What the links count, since start but for the gauges. Threads: any.
struct link_counters {
  std::atomic<std::int64_t> links_up{0};  ///< gauge: dialed, carrying frames to another node
  std::atomic<std::int64_t> links_in{0};  ///< gauge: accepted, bringing a node's frames
  std::atomic<std::int64_t> strangers{0};  ///< gauge: connections that are not introduced yet, or are being sent away
  std::atomic<std::uint64_t> frames_sent{0}, bytes_sent{0};  ///< given to the kernel; payloads only
  std::atomic<std::uint64_t> frames_received{0}, bytes_received{0};
  std::atomic<std::uint64_t> frames_refused{0};  ///< send() said false
  std::atomic<std::uint64_t> links_made{0}, links_lost{0};  ///< dialed ones
  std::atomic<std::uint64_t> handshakes_refused{0};         ///< by either end, with a reason
  std::atomic<std::uint64_t> connections_turned_away{0};    ///< over a bound
};

/// The same, read once.
struct link_counts {
  std::int64_t links_up = 0, links_in = 0, strangers = 0;
  std::uint64_t frames_sent = 0, bytes_sent = 0, frames_received = 0, bytes_received = 0, frames_refused = 0;
  std::uint64_t links_made = 0, links_lost = 0, handshakes_refused = 0, connections_turned_away = 0;
};
link_counts read_counts(const link_counters& from);

enum class dial_state {
  dialing,
  up,
  waiting,  ///< to dial again
  spare,    ///< the node there has a link by another address
  own,      ///< this node itself listens there
};
std::string_view to_string(dial_state state);

/// One address that is dialed.
struct dialed_status {
  std::string address;
  dial_state state = dial_state::dialing;
  runtime::node_id node;   ///< that was last met there
  std::string name;        ///< its
  std::string last_error;  ///< why there is no link, or why the last one ended; `code: message`
};

struct link_status {
  link_counts counts;
  std::vector<dialed_status> dialed;
};

}  // namespace bv::cluster
