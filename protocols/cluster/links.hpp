#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "actors/runtime/interconnect.hpp"
#include "actors/runtime/note.hpp"
#include "protocols/cluster/options.hpp"
#include "protocols/cluster/status.hpp"

namespace bv::cluster {

/// The links of a node to the others over TCP, inside TLS 1.3 with certificates on both ends unless told otherwise
/// (protocols/cluster/README.md). All calls to the listener come from one thread of its own. stop() must not be called from there.
///
/// connect() replaces the earlier list: an address that is not in it any more is not dialed again, and a link there lives until it
/// ends. send() says false to a frame that is larger than frame_bytes_max.
class links final : public runtime::interconnect {
 public:
  /// Listens, and reads the certificates; nobody is let in before start(). `notes`: from any thread. Errors: `bad_address`,
  /// `listen_failed`, `certificates_missing`, `certificates_needless`, and those of credentials::load().
  static result<std::unique_ptr<links>> open(const link_options& options, runtime::note_handler notes);
  /// stop()
  ~links() override;

  /// Where it listens.
  [[nodiscard]] std::uint16_t port() const;

  /// Errors: those of check_certificate(): the certificate is another node's.
  result<void> start(const runtime::node_hello& self, runtime::interconnect_listener& to) override;
  void announce(const runtime::node_hello& self) override;
  void connect(std::vector<std::string> addresses) override;
  void disconnect(runtime::node_id other) override;
  bool send(runtime::node_id to, bytes frame) override;
  void stop() override;

  /// Any thread; at most a tick old.
  [[nodiscard]] link_status status() const;
  [[nodiscard]] link_counts counts() const;

 private:
  struct parts;
  explicit links(std::unique_ptr<parts> made);
  std::unique_ptr<parts> parts_;
};

}  // namespace bv::cluster
