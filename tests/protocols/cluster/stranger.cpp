#include "tests/protocols/cluster/stranger.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "protocols/cluster/frame.hpp"

namespace bv::cluster {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  at.sin_port = htons(port);
  return at;
}

void wait_a_long_while(int socket) {
  const timeval long_while{20, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &long_while, sizeof long_while);
}

}  // namespace

stranger stranger::connect(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  wait_a_long_while(socket);
  const auto at = loopback(port);
  REQUIRE(::connect(socket, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
  return stranger(socket);
}

stranger::stranger(stranger&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), context_(std::move(other.context_)), session_(std::move(other.session_)),
      tls_error_(std::move(other.tls_error_)) {}

stranger::~stranger() {
  if (socket_ >= 0) ::close(socket_);
}

bool stranger::shake_hands(const std::optional<certificate_files>& with, bool accepts) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to sockets as to any file
  context_.reset(SSL_CTX_new(TLS_method()));
  if (with) {
    REQUIRE(SSL_CTX_use_certificate_chain_file(context_.get(), with->certificate.c_str()) == 1);
    REQUIRE(SSL_CTX_use_PrivateKey_file(context_.get(), with->key.c_str(), SSL_FILETYPE_PEM) == 1);
  }
  session_.reset(SSL_new(context_.get()));
  SSL_set_fd(session_.get(), socket_);
  ERR_clear_error();
  const bool shaken = (accepts ? SSL_accept(session_.get()) : SSL_connect(session_.get())) == 1;
  if (!shaken) tls_error_ = openssl::last_words();
  return shaken;
}

bool stranger::secure(const std::optional<certificate_files>& with) { return shake_hands(with, false); }

bool stranger::say(bytes_view what) {
  while (!what.empty()) {
    const auto size = session_ ? SSL_write(session_.get(), what.data(), static_cast<int>(what.size()))
                               : static_cast<int>(::send(socket_, what.data(), what.size(), MSG_NOSIGNAL));
    if (size <= 0) return false;
    what.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

bool stranger::ask_for_keys() {
  ERR_clear_error();
  return SSL_key_update(session_.get(), SSL_KEY_UPDATE_REQUESTED) == 1 && SSL_do_handshake(session_.get()) == 1;
}

bool stranger::say_hello(const std::string& name, std::uint64_t node) {
  std::string said(preamble());
  append_frame(said, frame_kind::hello, encode_hello({{.node = runtime::node_id(node), .name = name, .address = "nowhere:1"}, 1}));
  return say(said);
}

std::string stranger::hear(std::size_t size_bytes) {
  std::string came;
  while (came.size() < size_bytes) {
    char buffer[4096];
    ERR_clear_error();
    const auto size = session_ ? SSL_read(session_.get(), buffer, sizeof buffer) : static_cast<int>(::recv(socket_, buffer, sizeof buffer, 0));
    if (size <= 0) {
      if (session_ && ERR_peek_error() != 0) tls_error_ = openssl::last_words();
      break;
    }
    came.append(buffer, static_cast<std::size_t>(size));
  }
  return came;
}

std::string stranger::hear_all() { return hear(SIZE_MAX); }

std::string stranger::why_refused() {
  const auto came = hear_all();
  std::string code;
  frame_reader reader;
  const auto read = reader.read(came, [&](frame_kind kind, const bytes& payload) {
    if (kind == frame_kind::refusal) code = decode_refusal(payload).code;
    return true;
  });
  return code.empty() ? tls_error_ : code;
}

strange_door::strange_door() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  auto at = loopback(0);
  socklen_t size = sizeof at;
  REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&at), size) == 0);
  REQUIRE(::listen(socket_, 8) == 0);
  REQUIRE(::getsockname(socket_, reinterpret_cast<sockaddr*>(&at), &size) == 0);
  port_ = ntohs(at.sin_port);
  wait_a_long_while(socket_);
}

strange_door::~strange_door() { ::close(socket_); }

stranger strange_door::wait(const std::optional<certificate_files>& with) const {
  stranger came(::accept(socket_, nullptr, nullptr));
  REQUIRE(came.socket_ >= 0);
  wait_a_long_while(came.socket_);
  if (with) came.shake_hands(with, true);
  return came;
}

}  // namespace bv::cluster
