#pragma once

#include <memory>

#include "protocols/http/endpoint.hpp"
#include "protocols/http/event_page.hpp"

namespace bv::http {

class event_feed;

/// Events that a client asked for: the filter of `?type=` and where to start.
struct log_question {
  event_filter filter;
  runtime::log_cursor from;
};

/// GET /api/actors/{type}/{id}/events?after=VERSION&limit=
std::unique_ptr<endpoint> make_history_endpoint(const surroundings& around);
/// GET /api/events?after=CURSOR&type=&limit=: from the first event on if there is no cursor.
std::unique_ptr<endpoint> make_events_endpoint(const surroundings& around);
/// GET /api/events/stream?type=, with Last-Event-ID or ?after=CURSOR: server-sent events, from now on if
/// neither is given.
std::unique_ptr<endpoint> make_stream_endpoint(const surroundings& around, event_feed& feed);
/// GET /api/cluster
std::unique_ptr<endpoint> make_cluster_endpoint(const surroundings& around);

}  // namespace bv::http
