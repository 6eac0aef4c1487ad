#include "protocols/http_client/client.hpp"

#include <algorithm>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <charconv>
#include <utility>

#include "protocols/local/socket_path.hpp"

namespace bv::http_client {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

std::string name_of(const address& of) { return of.socket.empty() ? of.host + ":" + of.port : of.socket; }

tl::unexpected<error> bad(const std::string& text) {
  return failure(error_kind::invalid, "bad_address",
                 "\"" + text + "\" is no address of a node; one is http://HOST:PORT, as \"http://localhost:8080\"");
}

using any_stream = beast::basic_stream<asio::generic::stream_protocol>;
using any_endpoint = asio::generic::stream_protocol::endpoint;

/// One request, step by step. Blocking calls of Asio know no deadline; so each step is started and its loop run until the
/// step, or the time, is over.
class exchange {
 public:
  exchange(const address& with, const options& how) : with_(with), how_(how), resolver_(loop_), stream_(loop_) {
    parser_.body_limit(how.body_size_bytes_max);
    stream_.expires_after(how.within);
  }

  result<answer> get(const std::string& target) {
    BV_TRY(ask(http::verb::get, target, {}));
    const auto ended = run([&](auto done) { http::async_read(stream_, buffer_, parser_, done); });
    if (ended) return no_answer(ended, target);
    return came();
  }

  result<answer> post_for_lines(const std::string& target, const std::string& json,
                                const std::function<void(std::string_view)>& on_line) {
    BV_TRY(ask(http::verb::post, target, json));
    while (!parser_.is_done()) {
      stream_.expires_after(how_.within);
      const auto ended = run([&](auto done) { http::async_read_some(stream_, buffer_, parser_, done); });
      if (ended) return no_answer(ended, target);
      if (parser_.is_header_done() && parser_.get().result() == http::status::ok) take_lines(on_line);
    }
    return came();
  }

 private:
  result<void> ask(http::verb verb, const std::string& target, const std::string& json) {
    const auto connected = connect();
    if (connected) return broken(connected, "connect_failed", "can't connect to " + name_of(with_));
    http::request<http::string_body> asked(verb, target, 11);
    asked.set(http::field::host, with_.socket.empty() ? name_of(with_) : "localhost");
    asked.set(http::field::accept, "application/json, application/x-ndjson");
    asked.set(http::field::connection, "close");
    if (verb == http::verb::post) {
      asked.set(http::field::content_type, "application/json");
      asked.body() = json;
      asked.prepare_payload();
    }
    const auto ended = run([&](auto done) { http::async_write(stream_, asked, done); });
    if (ended) return no_answer(ended, target);
    return {};
  }

  void take_lines(const std::function<void(std::string_view)>& on_line) {
    auto& body = parser_.get().body();
    std::size_t begin = 0;
    for (auto end = body.find('\n'); end != body.npos; end = body.find('\n', begin)) {
      on_line(std::string_view(body).substr(begin, end - begin));
      begin = end + 1;
    }
    body.erase(0, begin);
  }

  answer came() {
    auto& all = parser_.get();
    return {all.result_int(), std::string(all[http::field::etag]), std::move(all.body())};
  }

  error_code connect() {
    if (!with_.socket.empty()) {
      const auto path = local::socket_path::of(with_.socket);
      if (!path) return asio::error::not_found;
      return connect(asio::local::stream_protocol::endpoint(path->name()));
    }
    asio::ip::tcp::resolver::results_type found;
    error_code ended = asio::error::timed_out;
    resolver_.async_resolve(with_.host, with_.port, [&](error_code failed, auto places) {
      ended = failed;
      found = std::move(places);
    });
    loop_.run_for(how_.within);
    for (const auto& place : found)
      if (ended = connect(place.endpoint()); !ended || ended == beast::error::timeout) break;
    return ended;
  }

  error_code connect(const any_endpoint& place) {
    error_code ended;
    stream_.async_connect(place, [&ended](error_code failed) { ended = failed; });
    loop_.restart();
    loop_.run();
    if (ended && ended != beast::error::timeout) stream_.close();
    return ended;
  }

  template <class Begin>
  error_code run(const Begin& begin) {
    error_code ended;
    begin([&ended](error_code failed, const auto&) { ended = failed; });
    loop_.restart();
    loop_.run();
    return ended;
  }

  tl::unexpected<error> no_answer(const error_code& why, const std::string& target) const {
    return broken(why, "no_answer", name_of(with_) + " gives no HTTP answer at " + target);
  }

  tl::unexpected<error> broken(const error_code& why, std::string code, const std::string& what) const {
    if (why == beast::error::timeout || why == asio::error::timed_out)
      return failure(error_kind::timeout, "timeout",
                     name_of(with_) + " did not answer within " + std::to_string(how_.within.count()) + " ms");
    return failure(error_kind::unavailable, std::move(code), what + ": " + why.message());
  }

  const address& with_;
  const options& how_;
  asio::io_context loop_;
  asio::ip::tcp::resolver resolver_;
  any_stream stream_;
  beast::flat_buffer buffer_;
  http::response_parser<http::string_body> parser_;
};

}  // namespace

result<address> parse_address(const std::string& text) {
  constexpr std::string_view scheme = "http://";
  auto rest = text;
  if (rest.starts_with(scheme)) rest.erase(0, scheme.size());
  if (rest.ends_with("/")) rest.pop_back();
  const auto colon = rest.rfind(':');
  const bool brackets = rest.starts_with("[");
  const bool has_port = colon != rest.npos && (!brackets || rest.find(']') < colon);
  address found{has_port ? rest.substr(0, colon) : rest, has_port ? rest.substr(colon + 1) : "80"};
  if (brackets) {
    if (!found.host.ends_with("]")) return bad(text);
    found.host = found.host.substr(1, found.host.size() - 2);
  }
  const bool number = !found.port.empty() && found.port.size() <= 5 && std::ranges::all_of(found.port, [](char c) { return c >= '0' && c <= '9'; });
  if (found.host.empty() || found.host.find_first_of("/ @?#") != found.host.npos || !number) return bad(text);
  return found;
}

std::optional<std::uint64_t> answer::version() const {
  // "7" or "7-gzip" in quotes.
  const auto from = etag.find('"');
  if (from == etag.npos) return std::nullopt;
  std::uint64_t found = 0;
  const auto read = std::from_chars(etag.data() + from + 1, etag.data() + etag.size(), found);
  return read.ec == std::errc{} ? std::optional(found) : std::nullopt;
}

result<answer> get(const address& from, const std::string& target, const options& how) {
  return exchange(from, how).get(target);
}

result<answer> post_for_lines(const address& to, const std::string& target, const std::string& json,
                              const std::function<void(std::string_view)>& on_line, const options& how) {
  return exchange(to, how).post_for_lines(target, json, on_line);
}

}  // namespace bv::http_client
