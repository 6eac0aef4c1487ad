#pragma once

#include <chrono>
#include <memory>

#include "protocols/http/endpoint.hpp"
#include "protocols/http/log_endpoints.hpp"

namespace bv::http {

/// Feeds the log to live streams (server-sent events), within moments of each commit. One thread reads for
/// all of them. It reads for a stream only what the stream has room for: a slow client lags, and reads on
/// from the log when it has caught up; one that takes nothing at all is cut off by its connection.
class event_feed {
 public:
  /// `heartbeat`: a comment is sent to a stream that had nothing to send for so long, which is how both sides
  /// notice that the other is gone.
  event_feed(const surroundings& around, std::size_t streams_max, std::size_t stream_buffer_bytes_max,
             std::chrono::milliseconds heartbeat);
  /// stop()
  ~event_feed();

  /// A new stream for an answer, or null if there are as many as may be. Its client gets events once the
  /// answer is sent.
  std::shared_ptr<stream> open(log_question question);

  /// Ends the thread. The streams stay with their connections. Idempotent.
  void stop();

 private:
  struct parts;
  std::shared_ptr<parts> parts_;
};

}  // namespace bv::http
