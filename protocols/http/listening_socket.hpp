#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "protocols/schema/base/result.hpp"

namespace bv::http {

/// A socket that listens: on TCP, or under a name in the file system.
class listening_socket {
 public:
  /// `address:port`, `[address]:port` (port 0 takes a free one), or `unix:/path/of/a.sock`. A Unix socket belongs to the owner of
  /// its folder, who alone may connect; one that a dead process left behind is replaced.
  /// Errors: `bad_listen_address`, `listen_failed`.
  static result<listening_socket> open(const std::string& where);
  listening_socket(listening_socket&& other) noexcept
      : socket_(std::exchange(other.socket_, -1)), port_(other.port_), path_(std::exchange(other.path_, {})) {}
  listening_socket& operator=(listening_socket&&) = delete;
  /// Closes it and takes its name away.
  ~listening_socket();

  /// Non-blocking.
  [[nodiscard]] int get() const { return socket_; }
  /// 0 of a Unix socket.
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  explicit listening_socket(int socket) : socket_(socket) {}
  static result<listening_socket> open_tcp(const std::string& where);
  static result<listening_socket> open_local(const std::string& where, const std::string& path);

  int socket_;
  std::uint16_t port_ = 0;
  std::string path_;  ///< empty: TCP
};

}  // namespace bv::http
