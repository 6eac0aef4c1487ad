#include "protocols/cluster/status.hpp"

namespace bv::cluster {

link_counts read_counts(const link_counters& from) {
  const auto read = [](const auto& one) { return one.load(relaxed); };
  return {.links_up = read(from.links_up),
          .links_in = read(from.links_in),
          .strangers = read(from.strangers),
          .frames_sent = read(from.frames_sent),
          .bytes_sent = read(from.bytes_sent),
          .frames_received = read(from.frames_received),
          .bytes_received = read(from.bytes_received),
          .frames_refused = read(from.frames_refused),
          .links_made = read(from.links_made),
          .links_lost = read(from.links_lost),
          .handshakes_refused = read(from.handshakes_refused),
          .connections_turned_away = read(from.connections_turned_away)};
}

std::string_view to_string(dial_state state) {
  switch (state) {
    case dial_state::dialing: return "dialing";
    case dial_state::up: return "up";
    case dial_state::waiting: return "waiting";
    case dial_state::spare: return "spare";
    case dial_state::own: return "own";
  }
  return "unknown";
}

}  // namespace bv::cluster
