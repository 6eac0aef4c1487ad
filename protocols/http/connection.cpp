// One client's connection.
//
//             whole request           answer               sent, keep-alive
//   reading ---------------> answering -------> writing --------------------------> reading
//      |                                          | |   \.
//      | refused, 408                             | |    `- a streamed answer -> streaming
//      +----------------------------------------->+ | sent, close                  |
//                                                   v                              |
//                                               lingering <------------------------+ finished
//                                                   |
//            client gone, too slow, abort ------> closed
//
// Requests are answered one after the other: while one is being answered nothing is read, so that a client
// that pipelines fills its own socket buffer and not our memory, and answers can't change places. A
// connection that we close first stops sending and reads on for a moment (lingering): closing at once with
// input unread makes the kernel send a reset, and the client would lose the answer that explains why.
#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/socket_base.hpp>
#include <exception>
#include <optional>

#include "protocols/http/head.hpp"
#include "protocols/http/loop.hpp"
#include "protocols/http/outbox.hpp"
#include "protocols/http/problem.hpp"
#include "protocols/http/request_reader.hpp"
#include "protocols/http/stream.hpp"

namespace bv::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using clock = std::chrono::steady_clock;
// Bound to its executor's type: the general one costs an allocation and virtual calls each time.
using tcp_socket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;

constexpr std::size_t counted_capacity_min = 64 * 1024;  // smaller buffers are not worth counting
constexpr time_point never = time_point::max();

class tcp_connection final : public connection, public std::enable_shared_from_this<tcp_connection> {
 public:
  tcp_connection(loop& home, int socket, std::string peer, bool refuse)
      : home_(home), peer_(std::move(peer)), refuse_(refuse), reader_(home.bounds()) {
    error_code ignored;
    socket_.emplace(home.context());
    socket_->assign(asio::ip::tcp::v4(), socket, ignored);
    socket_->non_blocking(true, ignored);
    socket_->set_option(asio::ip::tcp::no_delay(true), ignored);
  }

  void start() override {
    if (home_.draining()) return abort();
    if (refuse_) {
      error full{error_kind::unavailable,
                 "too_many_connections",
                 "this server has as many connections as it may",
                 {}};
      full.retry_after_ms = 1000;
      return answer_and_close(problem(full));
    }
    advance();
  }

  void deliver(std::uint64_t sequence, const std::function<response()>& make) override {
    if (phase_ != phase::answering || sequence != sequence_) return;  // the client was told 504 or is gone
    response answer;
    try {
      answer = make();
    } catch (const std::exception&) {
      answer = problem({error_kind::internal, "internal", "the answer could not be made", {}});
    }
    begin_answer(std::move(answer));
    advance();
  }

  void stream_changed() override {
    if (phase_ == phase::streaming && out_.done()) pump();
  }

  void tick(time_point now) override;
  void drain() override;
  void abort() override;

 private:
  enum class phase { reading, answering, writing, streaming, lingering, closed };

  void advance();
  void read_some();
  void on_read(const error_code& why, std::size_t count);
  void dispatch();
  void begin_answer(response answer);
  void answer_and_close(response answer);
  void refuse_request(int status, const error& what);
  bool flush();
  void sent();
  void pump();
  void begin_linger();
  void watch_client();
  void account(std::size_t held);

  loop& home_;
  std::optional<tcp_socket> socket_;
  const std::string peer_;
  const bool refuse_;
  request_reader reader_;
  phase phase_ = phase::reading;
  time_point deadline_ = never;
  std::uint64_t sequence_ = 0;
  bool close_after_ = false;
  bool asked_http_1_0_ = false, asked_head_ = false, asked_keep_alive_ = true;

  outbox out_;
  std::shared_ptr<client_stream> stream_;
  std::size_t counted_ = 0, discarded_ = 0;
  bool watching_ = false;
  std::array<char, 512> discard_;
};

/// Goes on as far as it can without waiting.
void tcp_connection::advance() {
  for (;;) {
    if (phase_ == phase::writing) {
      if (!flush()) return;
      sent();
      if (phase_ != phase::reading) return;
    }
    if (phase_ != phase::reading) return;
    if (reader_.idle() && home_.draining()) return begin_linger();
    switch (reader_.parse()) {
      case request_reader::step::ready: return dispatch();
      case request_reader::step::refused: {
        const auto& why = reader_.why();
        refuse_request(why.status, why.what);
        continue;
      }
      case request_reader::step::need_body: {
        constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        error_code ignored;  // a client that can't be told sends its body after a while all the same
        socket_->write_some(asio::buffer(go_on), ignored);
        return read_some();
      }
      case request_reader::step::need_more: return read_some();
    }
  }
}

void tcp_connection::read_some() {
  if (deadline_ == never)
    deadline_ =
        clock::now() + (reader_.idle() ? home_.bounds().idle_timeout : home_.bounds().request_timeout);
  const auto space = reader_.space();
  account(reader_.capacity());
  if (home_.counts().bodies_buffered_bytes.load(std::memory_order_relaxed) >
      static_cast<std::int64_t>(home_.bounds().buffered_bodies_bytes_max)) {
    refuse_request(503, {error_kind::unavailable,
                         "too_many_large_requests",
                         "this server holds as many large requests as it may",
                         {},
                         1000});
    return advance();
  }
  socket_->async_read_some(
      asio::buffer(space.data(), space.size()),
      [self = shared_from_this()](const error_code& why, std::size_t count) { self->on_read(why, count); });
}

void tcp_connection::on_read(const error_code& why, std::size_t count) {
  if (phase_ != phase::reading) return;
  if (why) return abort();
  if (reader_.idle()) deadline_ = clock::now() + home_.bounds().request_timeout;
  reader_.commit(count);
  advance();
}

void tcp_connection::dispatch() {
  phase_ = phase::answering;
  deadline_ = clock::now() + home_.bounds().answer_timeout;
  asked_http_1_0_ = reader_.http_1_0();
  asked_keep_alive_ = reader_.keep_alive();
  auto& asked = reader_.current();
  asked_head_ = asked.verb == method::head;
  asked.peer = peer_;
  home_.counts().requests.fetch_add(1, std::memory_order_relaxed);
  const responder answer(std::make_shared<exchange>(home_.box(), shared_from_this(), ++sequence_));
  try {
    home_.app().on_request(asked, answer);
  } catch (const std::exception&) {
    answer.send(problem({error_kind::internal, "internal", "the request could not be dealt with", {}}));
  }
  reader_.next();
  account(reader_.capacity());
}

void tcp_connection::begin_answer(response answer) {
  const auto& bounds = home_.bounds();
  close_after_ = answer.close || !asked_keep_alive_ || home_.draining();
  // A streamed body has no length: its end is told by the chunks, or to HTTP/1.0 by closing.
  close_after_ |= answer.streamed != nullptr;
  const bool with_body = !asked_head_ && !bodiless(answer.status);
  const bool streamed = answer.streamed && with_body;
  home_.counts().answers_by_class[static_cast<std::size_t>(std::clamp(answer.status / 100, 0, 5))].fetch_add(
      1, std::memory_order_relaxed);

  out_.clear();
  append_head(out_.head(), answer, {asked_http_1_0_, close_after_, home_.date()});
  if (with_body && !streamed) out_.add_body(std::move(answer.body), std::move(answer.shared_body));
  phase_ = phase::writing;
  deadline_ = clock::now() + bounds.write_timeout +
              std::chrono::seconds(out_.size_bytes() / bounds.write_rate_bytes_per_s_min);
  if (!answer.streamed) return;
  auto body = std::static_pointer_cast<client_stream>(std::move(answer.streamed));
  if (!streamed) return body->lost();
  stream_ = std::move(body);
  stream_->bind(home_.box(), shared_from_this());
  home_.counts().streams_open.fetch_add(1, std::memory_order_relaxed);
}

void tcp_connection::answer_and_close(response answer) {
  answer.close = true;
  ++sequence_;  // an answer that comes yet is for nobody
  begin_answer(std::move(answer));
  advance();
}

void tcp_connection::refuse_request(int status, const error& what) {
  home_.counts().requests_refused.fetch_add(1, std::memory_order_relaxed);
  asked_http_1_0_ = asked_head_ = false;
  auto answer = problem(status, what);
  answer.close = true;
  begin_answer(std::move(answer));
}

/// Hands what there is to the kernel. False if it takes no more now (goes on by itself) or the client is
/// gone.
bool tcp_connection::flush() {
  while (!out_.done()) {
    error_code why;
    const auto [first, second] = out_.left();
    const auto count = second.empty()
                           ? socket_->write_some(asio::buffer(first), why)
                           : socket_->write_some(std::array{asio::buffer(first), asio::buffer(second)}, why);
    out_.taken(count);
    if (count > 0 && phase_ == phase::streaming) deadline_ = clock::now() + home_.bounds().write_timeout;
    if (why == asio::error::would_block) {
      socket_->async_wait(asio::socket_base::wait_write,
                          [self = shared_from_this()](const error_code& failed) {
                            if (failed || self->phase_ == phase::closed) return self->abort();
                            self->phase_ == phase::streaming ? self->pump() : self->advance();
                          });
      return false;
    }
    if (why) {
      abort();
      return false;
    }
  }
  return true;
}

void tcp_connection::sent() {
  out_.clear();
  deadline_ = never;
  if (stream_) {
    phase_ = phase::streaming;
    watch_client();
    return pump();
  }
  if (close_after_) return begin_linger();
  phase_ = phase::reading;
}

/// Moves the stream's bytes on: what is in `out_` first, then what its writer has added.
void tcp_connection::pump() {
  for (;;) {
    if (!flush()) return;
    const bool wrote = out_.size_bytes() > 0;
    out_.clear();
    deadline_ = never;
    if (wrote) stream_->drained();
    if (phase_ != phase::streaming) return;
    auto portion = stream_->take();
    if (portion.broken) {
      home_.counts().clients_cut_off.fetch_add(1, std::memory_order_relaxed);
      return abort();
    }
    if (portion.data.empty()) {
      if (!portion.last) return;
      const auto ended = std::exchange(stream_, nullptr);
      home_.counts().streams_open.fetch_sub(1, std::memory_order_relaxed);
      ended->lost();
      if (asked_http_1_0_) return begin_linger();
      out_.head() = "0\r\n\r\n";
      phase_ = phase::writing;
      deadline_ = clock::now() + home_.bounds().write_timeout;
      return advance();
    }
    if (asked_http_1_0_) {
      out_.head() = std::move(portion.data);
    } else {
      append_number(out_.head(), portion.data.size(), 16);
      (out_.head() += "\r\n").append(portion.data) += "\r\n";
    }
    deadline_ = clock::now() + home_.bounds().write_timeout;
  }
}

/// While an answer streams, the client has nothing to say: reading only tells when it goes.
void tcp_connection::watch_client() {
  watching_ = true;
  socket_->async_read_some(asio::buffer(discard_),
                           [self = shared_from_this()](const error_code& why, std::size_t count) {
                             if (self->phase_ == phase::closed) return;
                             self->discarded_ += count;
                             if (why || self->discarded_ > self->home_.bounds().linger_bytes_max)
                               return self->abort();
                             self->watch_client();
                           });
}

void tcp_connection::begin_linger() {
  error_code ignored;
  phase_ = phase::lingering;
  deadline_ = clock::now() + home_.bounds().linger_timeout;
  socket_->shutdown(asio::socket_base::shutdown_send, ignored);
  if (!watching_) watch_client();
}

void tcp_connection::tick(time_point now) {
  if (now < deadline_) return;
  auto& counts = home_.counts();
  switch (phase_) {
    case phase::reading:
      if (reader_.idle()) return abort();
      counts.requests_timed_out.fetch_add(1, std::memory_order_relaxed);
      socket_->cancel();
      refuse_request(408, {error_kind::timeout, "request_timeout", "the request did not arrive in time", {}});
      return advance();
    case phase::answering:
      counts.requests_timed_out.fetch_add(1, std::memory_order_relaxed);
      return answer_and_close(problem({error_kind::timeout,
                                       "answer_timeout",
                                       "no answer in time; the request may or may not have had its effect",
                                       {}}));
    case phase::writing:
    case phase::streaming: counts.clients_cut_off.fetch_add(1, std::memory_order_relaxed); return abort();
    case phase::lingering: return abort();
    case phase::closed: return;
  }
}

void tcp_connection::drain() {
  if (phase_ == phase::reading && reader_.idle()) return abort();  // nothing is on its way that could be lost
  if (stream_) stream_->finish();
}

void tcp_connection::abort() {
  if (phase_ == phase::closed) return;
  const auto kept = shared_from_this();
  phase_ = phase::closed;
  error_code ignored;
  socket_->close(ignored);
  socket_.reset();
  account(0);
  if (const auto lost = std::exchange(stream_, nullptr)) {
    home_.counts().streams_open.fetch_sub(1, std::memory_order_relaxed);
    lost->lost();
  }
  home_.counts().connections_open.fetch_sub(1, std::memory_order_relaxed);
  home_.remove(*this);
}

/// Counts this connection's large buffer, `held` bytes, among all.
void tcp_connection::account(std::size_t held) {
  const auto large = held > counted_capacity_min ? held : 0;
  if (large == counted_) return;
  home_.counts().bodies_buffered_bytes.fetch_add(static_cast<std::int64_t>(large) -
                                                 static_cast<std::int64_t>(counted_));
  counted_ = large;
}

}  // namespace

std::shared_ptr<connection> make_connection(loop& home, int socket, std::string peer, bool refuse) {
  return std::make_shared<tcp_connection>(home, socket, std::move(peer), refuse);
}

}  // namespace bv::http
