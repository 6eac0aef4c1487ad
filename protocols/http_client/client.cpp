#include "protocols/http_client/client.hpp"

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <functional>
#include <utility>

namespace bv::http_client {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

std::string name_of(const address& of) { return of.host + ":" + of.port; }

tl::unexpected<error> bad(const std::string& text) {
  return failure(error_kind::invalid, "bad_address",
                 "\"" + text + "\" is no address of a node; one is http://HOST:PORT, as \"http://localhost:8080\"");
}

/// One request, step by step. Blocking calls of Asio know no deadline; so each step is started and its loop run until the
/// step, or the time, is over.
class exchange {
 public:
  exchange(const address& with, const options& how) : with_(with), how_(how), resolver_(loop_), stream_(loop_) {
    parser_.body_limit(how.body_size_bytes_max);
    stream_.expires_after(how.within);
  }

  result<answer> get(const std::string& target) {
    const auto connected = connect();
    if (connected) return broken(connected, "connect_failed", "can't connect to " + name_of(with_));
    http::request<http::empty_body> asked(http::verb::get, target, 11);
    asked.set(http::field::host, name_of(with_));
    asked.set(http::field::accept, "application/json");
    asked.set(http::field::connection, "close");
    auto ended = run([&](auto done) { http::async_write(stream_, asked, done); });
    if (!ended) ended = run([&](auto done) { http::async_read(stream_, buffer_, parser_, done); });
    if (ended) return broken(ended, "no_answer", name_of(with_) + " gives no HTTP answer to GET " + target);
    auto& came = parser_.get();
    return answer{came.result_int(), std::string(came[http::field::etag]), std::move(came.body())};
  }

 private:
  error_code connect() {
    asio::ip::tcp::resolver::results_type found;
    error_code ended = asio::error::timed_out;
    resolver_.async_resolve(with_.host, with_.port, [&](error_code failed, auto places) {
      ended = failed;
      found = std::move(places);
    });
    loop_.run_for(how_.within);
    if (ended) return ended;
    return run([&](auto done) { stream_.async_connect(found, done); });
  }

  template <class Begin>
  error_code run(const Begin& begin) {
    error_code ended;
    begin([&ended](error_code failed, const auto&) { ended = failed; });
    loop_.restart();
    loop_.run();
    return ended;
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
  beast::tcp_stream stream_;
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

result<answer> get(const address& from, const std::string& target, const options& how) {
  return exchange(from, how).get(target);
}

}  // namespace bv::http_client
