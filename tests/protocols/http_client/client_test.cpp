#include "protocols/http_client/client.hpp"

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

/// Listens; for one connection it reads a request and says what it was given, or nothing until the other end leaves.
class one_answer {
 public:
  explicit one_answer(std::string says) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof here;
    const bool listens = ::bind(socket_, reinterpret_cast<sockaddr*>(&here), size) == 0 && ::listen(socket_, 1) == 0 &&
                         ::getsockname(socket_, reinterpret_cast<sockaddr*>(&here), &size) == 0;
    if (!listens) std::abort();
    port_ = ntohs(here.sin_port);
    serving_ = std::thread([this, says = std::move(says)] { serve(says); });
  }
  ~one_answer() {
    serving_.join();
    ::close(socket_);
  }
  one_answer(const one_answer&) = delete;
  one_answer& operator=(const one_answer&) = delete;

  [[nodiscard]] address where() const { return {"127.0.0.1", std::to_string(port_)}; }
  /// After the answer.
  [[nodiscard]] const std::string& heard() const { return heard_; }

 private:
  void serve(const std::string& says) {
    const int client = ::accept(socket_, nullptr, nullptr);
    char buffer[4096];
    while (heard_.find("\r\n\r\n") == heard_.npos) {
      const auto size = ::recv(client, buffer, sizeof buffer, 0);
      if (size <= 0) break;
      heard_.append(buffer, static_cast<std::size_t>(size));
    }
    if (!says.empty()) static_cast<void>(::send(client, says.data(), says.size(), MSG_NOSIGNAL));
    while (says.empty() && ::recv(client, buffer, sizeof buffer, 0) > 0) continue;
    ::close(client);
  }

  const int socket_;
  std::uint16_t port_ = 0;
  std::string heard_;
  std::thread serving_;
};

}  // namespace

TEST_CASE("http client: an address is a host and a port, with or without its scheme") {
  const auto text_of = [](const char* text) {
    const auto read = parse_address(text);
    return read ? read->host + " " + read->port : read.error().code;
  };
  CHECK_EQ(text_of("http://localhost:8080"), "localhost 8080");
  CHECK_EQ(text_of("http://10.0.0.1:8080/"), "10.0.0.1 8080");
  CHECK_EQ(text_of("shop.example:81"), "shop.example 81");
  CHECK_EQ(text_of("http://shop.example"), "shop.example 80");
  CHECK_EQ(text_of("http://[::1]:8080"), "::1 8080");
  for (const auto* wrong : {"", "http://", "https://a:1", "a:b", "a:", ":80", "a:123456", "a/b:80", "http://a:80/path", "[::1:80", "u@a:80"}) {
    CAPTURE(wrong);
    CHECK_EQ(text_of(wrong), "bad_address");
  }
}

TEST_CASE("http client: asks for a path and gives what came") {
  std::string heard;
  {
    one_answer server("HTTP/1.1 200 OK\r\nETag: \"7\"\r\nContent-Length: 5\r\n\r\nhello");
    const auto came = get(server.where(), "/api/x?after=3");
    REQUIRE(came);
    CHECK_EQ(came->status, 200);
    CHECK_EQ(came->etag, "\"7\"");
    CHECK_EQ(came->body, "hello");
    heard = server.heard();
  }
  CHECK_EQ(heard.find("GET /api/x?after=3 HTTP/1.1\r\n"), 0);
  CHECK(heard.find("Host: 127.0.0.1:") != heard.npos);
}

TEST_CASE("http client: a status that is no success is an answer, too") {
  one_answer server("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  const auto came = get(server.where(), "/");
  REQUIRE(came);
  CHECK_EQ(came->status, 404);
}

TEST_CASE("http client: nobody there, silence and nonsense are told apart") {
  address gone;
  {
    one_answer server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    gone = server.where();
    CHECK(get(gone, "/"));
  }
  const auto code_of = [](const result<answer>& of) { return of ? std::string("answered") : of.error().code; };
  CHECK_EQ(code_of(get(gone, "/")), "connect_failed");
  {
    one_answer silent("");
    CHECK_EQ(code_of(get(silent.where(), "/", {.within = 50ms})), "timeout");
  }
  {
    one_answer other("SSH-2.0-OpenSSH_9.2\r\n");
    CHECK_EQ(code_of(get(other.where(), "/")), "no_answer");
  }
  {
    one_answer broken("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello");
    CHECK_EQ(code_of(get(broken.where(), "/")), "no_answer");
  }
  {
    one_answer long_one("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n" + std::string(50, 'x'));
    CHECK_EQ(code_of(get(long_one.where(), "/", {.body_size_bytes_max = 10})), "no_answer");
  }
}

TEST_CASE("http client: lines of an answer are seen as they come, however they are cut into pieces") {
  one_answer server(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\none\nt\r\n8\r\nwo\nthree\r\n1\r\n\n\r\n0\r\n\r\n");
  std::vector<std::string> lines;
  const auto came = post_for_lines(server.where(), "/api/x", "{}", [&](std::string_view line) { lines.emplace_back(line); });
  REQUIRE(came);
  CHECK_EQ(came->status, 200);
  CHECK(lines == std::vector<std::string>{"one", "two", "three"});
}

TEST_CASE("http client: a refusal has its body, no lines; an answer that breaks off is none") {
  {
    one_answer server("HTTP/1.1 409 Conflict\r\nContent-Length: 4\r\n\r\nno!\n");
    const auto came = post_for_lines(server.where(), "/", "{}", [](std::string_view) { FAIL("no line was promised"); });
    REQUIRE(came);
    CHECK_EQ(came->status, 409);
    CHECK_EQ(came->body, "no!\n");
  }
  one_answer broken("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\none\n\r\n");
  int lines = 0;
  const auto came = post_for_lines(broken.where(), "/", "{}", [&](std::string_view) { ++lines; });
  REQUIRE_FALSE(came);
  CHECK_EQ(came.error().code, "no_answer");
  CHECK_EQ(lines, 1);
}

TEST_CASE("http client: a Unix socket that is not there is told by its path") {
  const auto came = get({{}, {}, "/nowhere/admin.sock"}, "/");
  REQUIRE_FALSE(came);
  CHECK_EQ(came.error().code, "connect_failed");
  CHECK(came.error().message.find("/nowhere/admin.sock") != std::string::npos);
}
