#include "tools/bench/http_load.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace bv::bench {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

struct load_state {
  const std::function<std::string(std::uint32_t, std::uint64_t)>& next;
  double until = 0;
  loop_outcome seen{};
  std::vector<float> latencies_ms{};
  std::optional<error> failed{};
};

class client {
 public:
  client(asio::io_context& io, load_state& load, std::uint32_t number) : socket_(io), load_(load), number_(number) {}

  void connect(std::uint16_t port) {
    socket_.connect({asio::ip::address_v4::loopback(), port});
    socket_.set_option(asio::ip::tcp::no_delay(true));
    send();
  }

 private:
  void send() {
    sent_at_ = wall_seconds();
    if (sent_at_ >= load_.until || load_.failed) return socket_.close();
    request_ = load_.next(number_, count_++);
    asio::async_write(socket_, asio::buffer(request_), [this](const error_code& fault, std::size_t) {
      if (fault) return fail(fault.message());
      receive();
    });
  }

  void receive() {
    socket_.async_read_some(asio::buffer(chunk_), [this](const error_code& fault, std::size_t size) {
      if (fault) return fail(fault.message());
      answer_.append(chunk_.data(), size);
      const auto whole = answer_size(answer_);
      if (!whole) return receive();
      ++(answer_class(answer_) == '2' ? load_.seen.accepted : load_.seen.failed);
      load_.latencies_ms.push_back(static_cast<float>((wall_seconds() - sent_at_) * 1e3));
      answer_.erase(0, *whole);
      send();
    });
  }

  void fail(const std::string& why) {
    load_.failed = error{error_kind::unavailable, "http_load_failed", why};
    socket_.close();
  }

  asio::ip::tcp::socket socket_;
  load_state& load_;
  const std::uint32_t number_;
  std::uint64_t count_ = 0;
  double sent_at_ = 0;
  std::string request_, answer_;
  std::array<char, 8192> chunk_{};
};

}  // namespace

std::optional<std::size_t> answer_size(std::string_view data) {
  const auto head = data.find("\r\n\r\n");
  if (head == std::string_view::npos) return std::nullopt;
  constexpr std::string_view name = "\r\nContent-Length: ";
  std::size_t body = 0;
  if (const auto at = data.substr(0, head).find(name); at != std::string_view::npos)
    std::from_chars(data.data() + at + name.size(), data.data() + head, body);
  const auto size = head + 4 + body;
  return size <= data.size() ? std::optional(size) : std::nullopt;
}

char answer_class(std::string_view answer) {
  constexpr std::size_t status_at = sizeof "HTTP/1.1 " - 1;
  return answer.size() > status_at ? answer[status_at] : '0';
}

std::string http_request(std::string_view line, std::string_view user, std::string_view json) {
  auto text = std::string(line) + " HTTP/1.1\r\nHost: 127.0.0.1\r\nX-User-Id: " + std::string(user) + "\r\n";
  if (!json.empty()) text += "Content-Type: application/json\r\nContent-Length: " + std::to_string(json.size()) + "\r\n";
  return text + "\r\n" + std::string(json);
}

result<loop_outcome> run_http_load(const std::vector<std::uint16_t>& ports, std::uint32_t connections, double seconds,
                                   const std::function<std::string(std::uint32_t, std::uint64_t)>& next) try {
  load_state load{.next = next};
  asio::io_context io(1);
  std::vector<std::unique_ptr<client>> clients;
  const auto cpu_before = cpu_seconds();
  const auto began = wall_seconds();
  load.until = began + seconds;
  for (std::uint32_t i = 0; i < connections; ++i) {
    clients.push_back(std::make_unique<client>(io, load, i));
    clients.back()->connect(ports[i % ports.size()]);
  }
  io.run();
  if (load.failed) return failure(*load.failed);
  load.seen.seconds = wall_seconds() - began;
  load.seen.cpu_us_per_op =
      (cpu_seconds() - cpu_before) * 1e6 / static_cast<double>(std::max<std::size_t>(1, load.latencies_ms.size()));
  load.seen.p50_ms = quantile(load.latencies_ms, 0.5);
  load.seen.p99_ms = quantile(load.latencies_ms, 0.99);
  return load.seen;
} catch (const boost::system::system_error& fault) {
  return failure(error_kind::unavailable, "http_load_failed", fault.what());
}

}  // namespace bv::bench
