#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace bv::cluster {

using milliseconds = std::chrono::milliseconds;

/// PEM files. They may be replaced while a node runs; each by a rename, so that nobody reads half of one.
struct certificate_files {
  std::string certificate;  ///< this node's, for role "node"
  std::string key;
  std::string authority;  ///< of the cluster's CA; several while one CA takes over from another
};

/// How a node's links behave. Every bound has its name here.
struct link_options {
  std::string listen = "127.0.0.1:9100";  ///< HOST:PORT; port 0 takes a free one
  std::optional<certificate_files> certificates;
  /// No TLS: whoever reaches the port can be any node. Only without `certificates`.
  bool insecure = false;

  std::size_t queue_bytes_max = std::size_t{64} << 20;  ///< of frames that wait for one link; beyond: send() says false
  std::size_t queue_frames_max = 65'536;

  milliseconds ping_interval{500};   ///< when nothing else shows that the other end lives
  milliseconds link_timeout{2'000};  ///< silent for so long: the link has ended
  milliseconds handshake_timeout{3'000};  ///< from connecting, or being connected to, until both are introduced
  milliseconds linger_timeout{1'000};     ///< for the other end to read why it is refused
  milliseconds backoff_min{50};           ///< before an address is dialed again; doubles up to:
  milliseconds backoff_max{2'000};
  /// Before an address is dialed again that led to a node with which there is a link by another address.
  milliseconds spare_retry{30'000};

  std::size_t handshakes_max = 64;     ///< strangers at a time; one more and the longest there must go
  std::size_t connections_max = 1024;  ///< that were accepted, strangers and nodes; one more is closed at once

  milliseconds certificates_checked_every{10'000};  ///< whether the files have changed
  milliseconds same_note_after{60'000};             ///< what was logged of a peer is not logged again before
};

}  // namespace bv::cluster
