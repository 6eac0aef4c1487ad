#pragma once

#include <functional>
#include <optional>

#include "actors/runtime/interconnect.hpp"
#include "actors/runtime/random.hpp"
#include "protocols/cluster/channel.hpp"
#include "protocols/cluster/credentials.hpp"
#include "protocols/cluster/introduction.hpp"
#include "protocols/cluster/link_directory.hpp"
#include "protocols/cluster/quiet_log.hpp"

namespace bv::cluster {

/// What all links of a node share. Io thread, but for the directory and the counters.
struct link_world {
  const channel_place& place;
  introduction self;
  std::optional<credentials> proofs;  ///< none: insecure
  quiet_log log;
  runtime::random_source random;
  link_directory directory;
  runtime::interconnect_listener* listener = nullptr;
  /// Certificates may be looked at again.
  std::function<void()> before_handshake;
  /// A link with this node has ended: whoever waited for that may dial.
  std::function<void(runtime::node_id)> on_parted;

  [[nodiscard]] const link_options& options() const { return place.options; }
  [[nodiscard]] ssl_ctx_st* tls() const { return proofs ? &proofs->context() : nullptr; }
};

/// Who the other end is, if this node speaks with it. `certificate`: null where links are insecure. Errors: those of
/// decode_hello(), of check_introduction() and of the listener.
result<introduction> meet(const link_world& world, bytes_view hello, const certificate_facts* certificate);

}  // namespace bv::cluster
