#pragma once

#include <chrono>
#include <cstddef>

namespace bv::http {

using milliseconds = std::chrono::milliseconds;

/// What a connection keeps of a buffer between two requests.
inline constexpr std::size_t kept_capacity = 64 * 1024;

/// Every bound of the HTTP server. What is beyond one is answered as named and, where the rest of the input
/// can't be trusted any more, the connection is closed.
struct limits {
  /// Request line and header fields together; beyond: 431, or 414 if the request line alone is longer.
  std::size_t header_size_bytes_max = 8 * 1024;
  std::size_t target_size_bytes_max = 4 * 1024;   ///< beyond: 414
  std::size_t body_size_bytes_max = 1024 * 1024;  ///< beyond: 413
  /// Memory that all connections together may spend on large requests; beyond: 503.
  std::size_t buffered_bodies_bytes_max = 128 * 1024 * 1024;

  /// Open connections. One more is accepted, told 503 and closed: unlike a connection left in the kernel's
  /// queue, its client learns at once what is the matter.
  std::size_t connections_max = 8192;
  /// Connections that are being told so at a time; beyond: closed without a word.
  std::size_t refusals_max = 64;
  std::size_t streams_max = 1024;                    ///< live streams; beyond: 503
  std::size_t stream_buffer_bytes_max = 256 * 1024;  ///< bytes waiting for one stream's client
  /// What a client may still send after an answer that closes the connection, so that it gets to read the
  /// answer.
  std::size_t linger_bytes_max = 4 * 1024 * 1024;

  milliseconds idle_timeout{60'000};     ///< between two requests
  milliseconds request_timeout{15'000};  ///< from a request's first byte to its last; beyond: 408
  milliseconds answer_timeout{30'000};   ///< from then to the handler's answer; beyond: 504
  /// For a client to take an answer, plus the time that its size needs at the rate below, or to take what
  /// waits for it on a stream; beyond: cut off.
  milliseconds write_timeout{20'000};
  std::size_t write_rate_bytes_per_s_min = 16 * 1024;
  milliseconds linger_timeout{2'000};
  milliseconds drain_timeout{10'000};  ///< what stop() gives the requests under way
};

}  // namespace bv::http
