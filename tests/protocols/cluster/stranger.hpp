#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "protocols/cluster/introduction.hpp"
#include "protocols/cluster/openssl.hpp"
#include "protocols/cluster/options.hpp"

namespace bv::cluster {

/// The other end of a link, played by hand: OpenSSL on a blocking socket, none of our code for TLS. It says what it likes.
class stranger {
 public:
  /// Connects to a port of this machine, or waits for one connection there.
  static stranger connect(std::uint16_t port);
  ~stranger();
  stranger(stranger&& other) noexcept;
  stranger& operator=(stranger&&) = delete;

  /// TLS with these files, without looking at the other end's; `authority` is not used. False: it failed.
  bool secure(const std::optional<certificate_files>& with);
  /// False: the other end has closed.
  bool say(bytes_view what);
  /// Asks TLS for new keys, which the other end has to answer.
  bool ask_for_keys();
  bool say_hello(const std::string& name, std::uint64_t node);
  /// All that comes until the other end closes, or nothing has come for a long while.
  std::string hear_all();
  /// Why the other end closed; what TLS says of an alert, or the code of a refusal. Empty: without a word.
  std::string why_refused();
  /// Until so many bytes have come, or the end.
  std::string hear(std::size_t size_bytes);

 private:
  friend class strange_door;
  explicit stranger(int socket) : socket_(socket) {}
  bool shake_hands(const std::optional<certificate_files>& with, bool accepts);

  int socket_;
  openssl::context context_;
  openssl::session session_;
  std::string tls_error_;
};

/// Listens, for one stranger.
class strange_door {
 public:
  strange_door();
  ~strange_door();
  strange_door(const strange_door&) = delete;
  strange_door& operator=(const strange_door&) = delete;
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  /// Who dials next; in TLS if there are files.
  stranger wait(const std::optional<certificate_files>& with) const;

 private:
  int socket_;
  std::uint16_t port_ = 0;
};

}  // namespace bv::cluster
