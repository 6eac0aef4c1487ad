#include "protocols/cluster/address.hpp"

#include <doctest/doctest.h>

using namespace bv;
using namespace bv::cluster;

TEST_CASE("address: a host and a port") {
  const auto check = [](const char* text, const char* host, int port) {
    CAPTURE(text);
    const auto read = parse_address(text);
    REQUIRE(read);
    CHECK(read->host == host);
    CHECK(read->port == port);
  };
  check("127.0.0.1:9100", "127.0.0.1", 9100);
  check("node-a.example:1", "node-a.example", 1);
  check("[::1]:65535", "::1", 65535);
}

TEST_CASE("address: anything else is an error that shows what would be right") {
  for (const char* text : {"", "a", "a:", ":1", "a:b", "a:1x", "a:65536", "a:-1", "::1:9100", "[a]:1", "[]:1", "[::1]"}) {
    CAPTURE(text);
    const auto read = parse_address(text);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == "bad_address");
  }
}
