// covers: protocols/http/message.cpp
#include "protocols/http/request_reader.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cstring>
#include <string>
#include <vector>

using namespace bv::http;
using step = request_reader::step;

namespace {

void feed(request_reader& reader, std::string_view text) {
  while (!text.empty()) {
    const auto space = reader.space();
    const auto count = std::min(space.size(), text.size());
    std::memcpy(space.data(), text.data(), count);
    reader.commit(count);
    text.remove_prefix(count);
  }
}

step parse(std::string_view text, const limits& bounds, int* status = nullptr) {
  request_reader reader(bounds);
  feed(reader, text);
  const auto outcome = reader.parse();
  if (status) *status = outcome == step::refused ? reader.why().status : 0;
  return outcome;
}

struct seen {
  std::string method, path, host, body;
  friend bool operator==(const seen&, const seen&) = default;
};

/// All requests of a byte stream that arrives in pieces.
std::vector<seen> read_all(std::string_view text, const std::vector<std::size_t>& pieces,
                           const limits& bounds) {
  request_reader reader(bounds);
  std::vector<seen> found;
  std::size_t at = 0, turn = 0;
  for (;;) {
    const auto outcome = reader.parse();
    if (outcome == step::ready) {
      auto& one = reader.current();
      found.push_back({std::string(one.method_name), std::string(one.where.path()),
                       std::string(one.headers.get("host")), std::string(one.body)});
      reader.next();
      continue;
    }
    REQUIRE(outcome != step::refused);
    if (at == text.size()) return found;
    const auto count = std::min(text.size() - at, pieces.empty() ? 1 : 1 + pieces[turn++ % pieces.size()]);
    feed(reader, text.substr(at, count));
    at += count;
  }
}

}  // namespace

TEST_CASE("request reader: however the bytes are cut, the same requests come out") {
  const limits bounds;
  const std::string long_body(20'000, 'x');
  const std::string text =
      "GET /a?x=1 HTTP/1.1\r\nHost: one\r\n\r\n"
      "POST /b HTTP/1.1\r\nHost: two\r\nContent-Length: 20000\r\n\r\n" +
      long_body +
      "\r\nPOST /c HTTP/1.1\r\nHost: three\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n4;ext=1\r\ndefg\r\n0\r\nTrailer: t\r\n\r\n"
      "DELETE /d HTTP/1.0\r\n\r\n";
  const std::vector<seen> expected{{"GET", "/a", "one", ""},
                                   {"POST", "/b", "two", long_body},
                                   {"POST", "/c", "three", "abcdefg"},
                                   {"DELETE", "/d", "", ""}};
  CHECK(read_all(text, {}, bounds) == expected);
  CHECK(read_all(text, {text.size()}, bounds) == expected);
  CHECK(rc::check("any cut", [&] {
    const auto pieces = *rc::gen::nonEmpty(
        rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, 5000)));
    RC_ASSERT(read_all(text, pieces, bounds) == expected);
  }));
}

TEST_CASE("request reader: what two readers could understand differently is refused") {
  const limits bounds;
  for (const std::string& header : std::vector<std::string>{
           "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
           "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
           "Content-Length: 3\r\nContent-Length: 4\r\n", "Content-Length: 3\r\nContent-Length: 3\r\n",
           "Content-Length: 3, 3\r\n", "Content-Length: +3\r\n", "Content-Length: -1\r\n",
           "Content-Length: 0x3\r\n", "Content-Length: 99999999999999999999\r\n",
           "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "X: a\r\n b\r\n", "X: a\nY: b\r\n",
           "X: a\rY: b\r\n", "X : a\r\n", ": a\r\n", "Host: other\r\n", std::string("X: a\0b\r\n", 8)}) {
    CAPTURE(header);
    int status = 0;
    CHECK(parse("POST / HTTP/1.1\r\nHost: h\r\n" + header + "\r\nabc", bounds, &status) == step::refused);
    CHECK(status == 400);
  }
  int status = 0;
  for (const auto* coding : {"gzip, chunked", "identity", "chunked, gzip", "xchunked"}) {
    CHECK(parse("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: " + std::string(coding) + "\r\n\r\n",
                bounds, &status) == step::refused);
    CHECK(status == 501);
  }
  for (const auto* text :
       {"POST / HTTP/1.1\r\n\r\n", "\x16\x03\x01\x02 \r\n\r\n", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n",
        "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "G(T / HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /a%zz HTTP/1.1\r\nHost: h\r\n\r\n"}) {
    CAPTURE(text);
    CHECK(parse(text, bounds, &status) == step::refused);
    CHECK(status == 400);
  }
  for (const auto* text : {"GET / HTTP/2.0\r\nHost: h\r\n\r\n", "GET / HTTP/1.1 \r\nHost: h\r\n\r\n"}) {
    CHECK(parse(text, bounds, &status) == step::refused);
    CHECK(status == 505);
  }
  CHECK(parse("PUT / HTTP/1.1\r\nHost: h\r\nExpect: a-raise\r\n\r\n", bounds, &status) == step::refused);
  CHECK(status == 417);
}

TEST_CASE("request reader: bad chunks are refused") {
  const limits bounds;
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string& body :
       std::vector<std::string>{"zz\r\n", "3\r\nabcd\r\n", "-1\r\n", "3 \nabc", "\r\n",
                                "fffffffffffffffff\r\n", "3\r\nabcX\r\n0\r\n\r\n"}) {
    CAPTURE(body);
    CHECK(parse(head + body + "0\r\n\r\n", bounds) == step::refused);
  }
  CHECK(parse(head + "3;" + std::string(10'000, 'e'), bounds) == step::refused);
  CHECK(parse(head + "0\r\nT: " + std::string(10'000, 'e'), bounds) == step::refused);
}

TEST_CASE("request reader: every size has its limit and its status") {
  limits bounds;
  bounds.body_size_bytes_max = 100;
  int status = 0;
  const std::string host = " HTTP/1.1\r\nHost: h\r\n";
  CHECK(parse("GET /" + std::string(4095, 'a') + host + "\r\n", bounds, &status) == step::ready);
  CHECK(parse("GET /" + std::string(4096, 'a') + host + "\r\n", bounds, &status) == step::refused);
  CHECK(status == 414);
  CHECK(parse("GET /" + std::string(9000, 'a'), bounds, &status) == step::refused);
  CHECK(status == 414);
  CHECK(parse("GET /" + host + "X: " + std::string(9000, 'a'), bounds, &status) == step::refused);
  CHECK(status == 431);
  CHECK(parse("GET /" + host + "X: " + std::string(8200, 'a') + "\r\n\r\n", bounds, &status) ==
        step::refused);
  CHECK(status == 431);
  std::string many = "GET /" + host;
  for (int i = 0; i < 2000; ++i) many += "a:b\r\n";
  CHECK(parse(many, bounds, &status) == step::refused);
  CHECK(status == 431);
  CHECK(parse("PUT /" + host + "Content-Length: 100\r\n\r\n" + std::string(100, 'b'), bounds) == step::ready);
  CHECK(parse("PUT /" + host + "Content-Length: 101\r\n\r\n", bounds, &status) == step::refused);
  CHECK(status == 413);
  CHECK(
      parse("PUT /" + host + "Transfer-Encoding: chunked\r\n\r\n40\r\n" + std::string(64, 'b') + "\r\n40\r\n",
            bounds, &status) == step::refused);
  CHECK(status == 413);
}

TEST_CASE("request reader: a client that expects it is told to go on, once") {
  const limits bounds;
  request_reader reader(bounds);
  feed(reader, "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-Continue\r\n\r\n");
  CHECK(reader.parse() == step::need_body);
  CHECK(reader.parse() == step::need_more);
  feed(reader, "ok");
  CHECK(reader.parse() == step::ready);
  CHECK(reader.current().body == "ok");
}

TEST_CASE("request reader: memory for a large body is given back") {
  const limits bounds;
  request_reader reader(bounds);
  const std::string body(900'000, 'x');
  feed(reader, "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 900000\r\n\r\n" + body);
  REQUIRE(reader.parse() == step::ready);
  CHECK(reader.current().body == body);
  CHECK(reader.capacity() > 900'000);
  reader.next();
  CHECK(reader.capacity() < 10'000);
  CHECK(reader.idle());
}

TEST_CASE("request reader: keep-alive is as the version and the field say") {
  const limits bounds;
  const auto alive = [&](std::string_view text) {
    request_reader reader(bounds);
    feed(reader, text);
    REQUIRE(reader.parse() == step::ready);
    return reader.keep_alive();
  };
  CHECK(alive("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  CHECK_FALSE(alive("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
  CHECK_FALSE(alive("GET / HTTP/1.0\r\n\r\n"));
  CHECK(alive("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}
