#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace bv::http {

/// What the server tells about itself; all counts since start. Threads: any.
struct counters {
  std::atomic<std::int64_t> connections_open{0};
  std::atomic<std::int64_t> streams_open{0};
  std::atomic<std::int64_t> bodies_buffered_bytes{0};
  std::atomic<std::uint64_t> connections_accepted{0};
  std::atomic<std::uint64_t> connections_refused{0};  ///< over the cap
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> requests_refused{0};    ///< malformed or over a limit; not in `requests`
  std::atomic<std::uint64_t> requests_timed_out{0};  ///< 408 and 504
  std::atomic<std::uint64_t> clients_cut_off{0};     ///< took their bytes too slowly
  std::array<std::atomic<std::uint64_t>, 6> answers_by_class{};  ///< [2]: 2xx
};

}  // namespace bv::http
