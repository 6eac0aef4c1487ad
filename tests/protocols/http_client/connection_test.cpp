#include "protocols/http_client/connection.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

using namespace bv;
using namespace bv::http_client;
using namespace std::chrono_literals;

namespace {

/// Accepts connections one after the other. On each it gives its answers to as many requests, and then closes; on one that has
/// none it says nothing until the other end leaves.
class answers {
 public:
  using script = std::vector<std::vector<std::string>>;

  explicit answers(script by_connection) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof here;
    const bool listens = ::bind(socket_, reinterpret_cast<sockaddr*>(&here), size) == 0 && ::listen(socket_, 4) == 0 &&
                         ::getsockname(socket_, reinterpret_cast<sockaddr*>(&here), &size) == 0;
    if (!listens) std::abort();
    port_ = std::to_string(ntohs(here.sin_port));
    serving_ = std::thread([this, all = std::move(by_connection)] {
      for (const auto& one : all) serve(one);
    });
  }
  ~answers() {
    serving_.join();
    ::close(socket_);
  }
  answers(const answers&) = delete;
  answers& operator=(const answers&) = delete;

  [[nodiscard]] address where() const { return {"127.0.0.1", port_}; }
  /// Once all was answered.
  [[nodiscard]] const std::vector<std::string>& heard() const { return heard_; }

 private:
  void serve(const std::vector<std::string>& says) {
    const int client = ::accept(socket_, nullptr, nullptr);
    char buffer[4096];
    for (const auto& answer : says) {
      auto& text = heard_.emplace_back();
      while (text.find("\r\n\r\n") == text.npos || (text.starts_with("POST") && !text.ends_with("}"))) {
        const auto size = ::recv(client, buffer, sizeof buffer, 0);
        if (size <= 0) break;
        text.append(buffer, static_cast<std::size_t>(size));
      }
      static_cast<void>(::send(client, answer.data(), answer.size(), MSG_NOSIGNAL));
    }
    while (says.empty() && ::recv(client, buffer, sizeof buffer, 0) > 0) continue;
    ::close(client);
  }

  const int socket_;
  std::string port_;
  std::vector<std::string> heard_;
  std::thread serving_;
};

std::string ok(const std::string& body, const std::string& more = {}) {
  return "HTTP/1.1 200 OK\r\n" + more + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

const request look{"GET", "/api/cart"};

}  // namespace

TEST_CASE("http connection: requests follow one another on one connection, with their headers and bodies") {
  answers server({{ok("one", "ETag: \"7\"\r\n"), ok("two")}});
  {
    connection to(server.where());
    const auto first = to.ask({"POST", "/api/cart/items", {{"X-User-Id", "ada"}, {"Idempotency-Key", "k1"}}, R"({"sku":"MUG-1"})"});
    REQUIRE(first);
    CHECK(first->body == "one");
    CHECK(first->etag == "\"7\"");
    CHECK(to.ask(look).value().body == "two");
    // Nothing came over the second one before this.
    REQUIRE(server.heard().size() == 2);
  }
  const auto& posted = server.heard()[0];
  CHECK(posted.starts_with("POST /api/cart/items HTTP/1.1\r\n"));
  for (const auto* part : {"X-User-Id: ada\r\n", "Idempotency-Key: k1\r\n", "Content-Type: application/json\r\n", R"({"sku":"MUG-1"})"})
    CHECK_MESSAGE(posted.find(part) != posted.npos, part);
}

TEST_CASE("http connection: one that the server ended is made anew, by a request or after it failed") {
  answers server({{ok("one")}, {ok("two", "Connection: close\r\n")}, {ok("three")}});
  connection to(server.where());
  CHECK(to.ask(look).value().body == "one");
  // The server has closed it: whether what is sent now was seen, nobody can know.
  const auto lost = to.ask(look);
  REQUIRE(!lost);
  CHECK(lost.error().code == "no_answer");
  CHECK(to.ask(look).value().body == "two");
  CHECK(to.ask(look).value().body == "three");
}

TEST_CASE("http connection: silence ends at the deadline, and the late answer is nobody's") {
  answers server({{}, {ok("fresh")}});
  connection to(server.where(), {.within = 50ms});
  const auto silence = to.ask(look);
  REQUIRE(!silence);
  CHECK(silence.error().code == "timeout");
  CHECK(to.ask(look).value().body == "fresh");
}

TEST_CASE("http connection: nobody listens") {
  connection to({"127.0.0.1", "1"});
  const auto refused = to.ask(look);
  REQUIRE(!refused);
  CHECK(refused.error().code == "connect_failed");
}
