#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

namespace bv::http::test {

/// An answer as it came over the wire, taken apart just enough for a test.
struct raw_answer {
  int status = 0;
  std::string head, body;
  bool has(std::string_view line) const { return head.find(line) != head.npos; }
  /// The value of a field; empty if it is not there.
  std::string field(std::string_view name) const {
    const auto at = head.find("\r\n" + std::string(name) + ": ");
    if (at == head.npos) return {};
    const auto start = at + name.size() + 4;
    return head.substr(start, head.find("\r\n", start) - start);
  }
};

/// A blocking socket that sends exactly the bytes it is given, and never waits longer than `patience`.
class raw_client {
 public:
  static constexpr std::chrono::milliseconds patience{10'000};

  explicit raw_client(std::uint16_t port, int receive_buffer = 0)
      : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    if (receive_buffer) ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    const int one = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) std::abort();
  }
  ~raw_client() { ::close(socket_); }
  raw_client(const raw_client&) = delete;
  raw_client& operator=(const raw_client&) = delete;

  bool send(std::string_view text) {
    while (!text.empty()) {
      const auto count = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }

  /// Reads on until `buffer_` holds `mark`; false if the server closed before.
  bool read_until(std::string_view mark, std::size_t from = 0) {
    while (buffer_.find(mark, from) == buffer_.npos)
      if (!read_some()) return false;
    return true;
  }

  /// The next answer; status 0 if the server closed instead. With `to_head` the body is not read.
  raw_answer answer(bool to_head = false) {
    raw_answer got;
    if (!read_until("\r\n\r\n")) return got;
    const auto head_end = buffer_.find("\r\n\r\n") + 4;
    got.head = buffer_.substr(0, head_end);
    got.status = std::atoi(got.head.c_str() + 9);
    buffer_.erase(0, head_end);
    if (to_head || got.status == 204 || got.status == 304 || got.status == 100) return got;
    if (got.has("Transfer-Encoding: chunked")) {
      while (auto piece = chunk()) {
        if (piece->empty()) break;
        got.body += *piece;
      }
    } else {
      const auto size = static_cast<std::size_t>(std::atol(got.field("Content-Length").c_str()));
      while (buffer_.size() < size && read_some()) {
      }
      got.body = buffer_.substr(0, size);
      buffer_.erase(0, size);
    }
    return got;
  }

  /// One chunk of a chunked answer; empty for the last, nothing if the server closed.
  std::optional<std::string> chunk() {
    if (!read_until("\r\n")) return std::nullopt;
    const auto size = std::strtoul(buffer_.c_str(), nullptr, 16);
    const auto start = buffer_.find("\r\n") + 2;
    while (buffer_.size() < start + size + 2)
      if (!read_some()) return std::nullopt;
    auto piece = buffer_.substr(start, size);
    buffer_.erase(0, start + size + 2);
    return piece;
  }

  raw_answer ask(std::string_view text) {
    send(text);
    return answer();
  }

  /// True once the server has closed; what it sent before is dropped.
  bool closed() {
    while (read_some()) {
    }
    return closed_;
  }
  void shut() { ::shutdown(socket_, SHUT_WR); }
  const std::string& buffer() const { return buffer_; }

 private:
  bool read_some() {
    pollfd ready{socket_, POLLIN, 0};
    if (::poll(&ready, 1, static_cast<int>(patience.count())) <= 0) return false;
    char data[16 * 1024];
    const auto count = ::recv(socket_, data, sizeof data, 0);
    if (count <= 0) {
      closed_ = true;
      return false;
    }
    buffer_.append(data, static_cast<std::size_t>(count));
    return true;
  }

  int socket_;
  std::string buffer_;
  bool closed_ = false;
};

}  // namespace bv::http::test
