#include "protocols/cluster/wire.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <optional>
#include <utility>

namespace bv::cluster {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp_socket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;

constexpr std::size_t read_bytes_max = 64 * 1024;
/// Encrypted before it goes: bounds what a large frame takes besides itself.
constexpr std::size_t encrypted_bytes_aim = 128 * 1024;
constexpr std::size_t linger_bytes_max = 256 * 1024;

class tcp_wire final : public wire, public std::enable_shared_from_this<tcp_wire> {
 public:
  tcp_wire(asio::io_context& io, int socket, ssl_ctx_st* tls, side which, wire_listener& to) : socket_(io), to_(&to) {
    error_code ignored;
    socket_.assign(asio::ip::tcp::v4(), socket, ignored);
    socket_.non_blocking(true, ignored);
    if (tls) tls_.emplace(*tls, which);
  }

  void start() override;
  void write(std::vector<bytes_view> parts) override;
  [[nodiscard]] const certificate_facts* peer() const override { return peer_ ? &*peer_ : nullptr; }
  void linger(std::string last_words) override;
  void close() override;

 private:
  enum class phase { opening, open, broken, lingering, closed };

  void read_some();
  void on_read(const error_code& why, std::size_t size);
  void on_encrypted(bytes_view came);
  void advance();
  void fill_from_parts();
  void send();
  void on_sent(const error_code& why);
  void broken(const error& why);
  void end_linger();

  tcp_socket socket_;
  wire_listener* to_;
  std::optional<tls_session> tls_;
  std::optional<certificate_facts> peer_;
  phase phase_ = phase::opening;

  std::array<char, read_bytes_max> came_;
  bool reading_ = false;
  std::size_t discarded_ = 0;

  std::vector<bytes_view> parts_;  ///< of the write that is under way
  std::size_t next_part_ = 0;
  bool sending_ = false, parts_pending_ = false, half_closed_ = false;
  std::string encrypted_, last_words_;
};

error ended(const error_code& why) {
  if (why == asio::error::eof) return {error_kind::unavailable, "link_ended", "the other end has ended the link"};
  return {error_kind::unavailable, "link_broken", "the link broke: " + why.message()};
}

void tcp_wire::start() {
  if (tls_) {
    if (const auto begun = tls_->start(); !begun) return broken(begun.error());
    send();
  }
  read_some();
  if (!tls_) advance();
}

void tcp_wire::read_some() {
  if (std::exchange(reading_, true)) return;
  socket_.async_read_some(asio::buffer(came_), [self = shared_from_this()](const error_code& why, std::size_t size) {
    self->reading_ = false;
    self->on_read(why, size);
  });
}

void tcp_wire::on_read(const error_code& why, std::size_t size) {
  if (phase_ == phase::closed || phase_ == phase::broken) return;
  if (phase_ == phase::lingering) {
    discarded_ += size;
    return why || discarded_ > linger_bytes_max ? end_linger() : read_some();
  }
  if (why) return broken(ended(why));
  const bytes_view came(came_.data(), size);
  tls_ ? on_encrypted(came) : to_->on_bytes(came);
  if (phase_ == phase::opening || phase_ == phase::open || phase_ == phase::lingering) read_some();
}

void tcp_wire::on_encrypted(bytes_view came) {
  const auto fed = tls_->feed(came, [this](bytes_view plain) {
    advance();
    if (phase_ == phase::open) to_->on_bytes(plain);
  });
  if (phase_ == phase::closed) return;
  if (fed) advance();
  send();
  if (!fed && (phase_ == phase::opening || phase_ == phase::open)) broken(fed.error());
}

/// Is it ready by now?
void tcp_wire::advance() {
  if (phase_ != phase::opening || (tls_ && !tls_->secured())) return;
  phase_ = phase::open;
  if (tls_) peer_ = tls_->peer();
  to_->on_ready();
}

void tcp_wire::write(std::vector<bytes_view> parts) {
  parts_ = std::move(parts);
  next_part_ = 0;
  parts_pending_ = true;
  send();
}

/// The next piece of the write that is under way.
void tcp_wire::fill_from_parts() {
  while (next_part_ < parts_.size() && encrypted_.size() < encrypted_bytes_aim) {
    auto& part = parts_[next_part_];
    const auto piece = part.substr(0, encrypted_bytes_aim);
    if (const auto done = tls_->encrypt(piece); !done) return broken(done.error());
    part.remove_prefix(piece.size());
    if (part.empty()) ++next_part_;
    tls_->take_output(encrypted_);
  }
}

void tcp_wire::send() {
  if (sending_ || half_closed_ || phase_ == phase::closed) return;
  const auto sent = [self = shared_from_this()](const error_code& why, std::size_t) { self->on_sent(why); };
  if (!tls_ && next_part_ < parts_.size()) {
    std::vector<asio::const_buffer> all;
    for (const auto& part : parts_) all.emplace_back(part.data(), part.size());
    next_part_ = parts_.size();
    sending_ = true;
    return asio::async_write(socket_, all, sent);
  }
  encrypted_.clear();
  if (tls_) {
    tls_->take_output(encrypted_);
    if (phase_ != phase::broken) fill_from_parts();
  }
  if (phase_ == phase::lingering && next_part_ == parts_.size()) encrypted_ += std::exchange(last_words_, {});
  if (!encrypted_.empty()) {
    sending_ = true;
    return asio::async_write(socket_, asio::buffer(encrypted_), sent);
  }
  if (phase_ == phase::lingering) {
    error_code ignored;
    half_closed_ = true;
    socket_.shutdown(asio::socket_base::shutdown_send, ignored);
  }
}

void tcp_wire::on_sent(const error_code& why) {
  sending_ = false;
  if (phase_ == phase::closed) return;
  if (why) return phase_ == phase::lingering ? end_linger() : broken(ended(why));
  if (parts_pending_ && next_part_ == parts_.size() && phase_ != phase::broken) {
    parts_pending_ = false;
    to_->on_written();
  }
  send();
}

void tcp_wire::broken(const error& why) {
  if (phase_ == phase::closed || phase_ == phase::broken || phase_ == phase::lingering) return;
  phase_ = phase::broken;
  to_->on_broken(why);
}

void tcp_wire::linger(std::string last_words) {
  if (phase_ == phase::closed || phase_ == phase::lingering) return;
  phase_ = phase::lingering;
  last_words_ = std::move(last_words);
  send();
  read_some();
}

void tcp_wire::end_linger() {
  if (phase_ == phase::closed) return;
  auto* const to = to_;
  close();
  to->on_lingered();
}

void tcp_wire::close() {
  if (std::exchange(phase_, phase::closed) == phase::closed) return;
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace

bool is_loss(const error& why) { return why.code == "link_ended" || why.code == "link_broken"; }

std::shared_ptr<wire> make_wire(asio::io_context& io, int socket, ssl_ctx_st* tls, side which, unsigned user_timeout_ms,
                                wire_listener& to) {
  const int yes = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  ::setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout_ms, sizeof user_timeout_ms);
  return std::make_shared<tcp_wire>(io, socket, tls, which, to);
}

}  // namespace bv::cluster
