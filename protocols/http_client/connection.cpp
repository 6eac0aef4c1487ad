#include "protocols/http_client/connection.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

namespace bv::http_client {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

}  // namespace

/// Blocking calls of Asio know no deadline; so each step is started and its loop run until the step, or the time, is over.
class connection::wire {
 public:
  wire(address to, options how) : to_(std::move(to)), how_(how), resolver_(loop_), stream_(loop_) {}

  result<answer> ask(const request& what) {
    stream_.expires_after(how_.within);
    if (!open_) BV_TRY(connect());
    http::request<http::string_body> asked(http::string_to_verb(what.method), what.target, 11);
    asked.set(http::field::host, to_.host + ":" + to_.port);
    for (const auto& [name, value] : what.headers) asked.set(name, value);
    if (!what.json.empty()) {
      asked.set(http::field::content_type, "application/json");
      asked.body() = what.json;
    }
    asked.prepare_payload();
    if (const auto broken = run([&](auto done) { http::async_write(stream_, asked, done); })) return fail(broken, what);
    http::response_parser<http::string_body> parser;
    parser.body_limit(how_.body_size_bytes_max);
    if (const auto broken = run([&](auto done) { http::async_read(stream_, buffer_, parser, done); })) return fail(broken, what);
    if (!parser.get().keep_alive()) close();
    auto& all = parser.get();
    return answer{all.result_int(), std::string(all[http::field::etag]), std::move(all.body())};
  }

 private:
  result<void> connect() {
    error_code ended = asio::error::timed_out;
    asio::ip::tcp::resolver::results_type places;
    resolver_.async_resolve(to_.host, to_.port, [&](error_code failed, auto found) {
      ended = failed;
      places = std::move(found);
    });
    loop_.restart();
    loop_.run_for(how_.within);
    if (!ended) ended = run([&](auto done) { stream_.async_connect(places, done); });
    if (ended) return broken(ended, "connect_failed", "can't connect to " + to_.host + ":" + to_.port);
    error_code ignored;
    stream_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
    open_ = true;
    return {};
  }

  template <class Begin>
  error_code run(const Begin& begin) {
    error_code ended;
    begin([&ended](error_code failed, const auto&) { ended = failed; });
    loop_.restart();
    loop_.run();
    return ended;
  }

  tl::unexpected<error> fail(const error_code& why, const request& what) {
    return broken(why, "no_answer", to_.host + ":" + to_.port + " gives no HTTP answer at " + what.target);
  }

  tl::unexpected<error> broken(const error_code& why, std::string code, const std::string& what) {
    close();
    if (why == beast::error::timeout || why == asio::error::timed_out)
      return failure(error_kind::timeout, "timeout",
                     to_.host + ":" + to_.port + " did not answer within " + std::to_string(how_.within.count()) + " ms");
    return failure(error_kind::unavailable, std::move(code), what + ": " + why.message());
  }

  void close() {
    stream_.close();
    buffer_.clear();
    open_ = false;
  }

  const address to_;
  const options how_;
  asio::io_context loop_{1};
  asio::ip::tcp::resolver resolver_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  bool open_ = false;
};

connection::connection(address to, options how) : wire_(std::make_unique<wire>(std::move(to), how)) {}
connection::~connection() = default;
connection::connection(connection&&) noexcept = default;

result<answer> connection::ask(const request& what) { return wire_->ask(what); }

}  // namespace bv::http_client
