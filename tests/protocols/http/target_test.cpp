#include "protocols/http/target.hpp"

#include <doctest/doctest.h>

using bv::http::target;

TEST_CASE("target: path segments and query parameters are decoded") {
  target parsed;
  REQUIRE(parsed.parse("/api/caf%C3%A9/a%2Fb?q=two+words&x=%2B&flag&=v"));
  CHECK(parsed.path() == "/api/caf%C3%A9/a%2Fb");
  REQUIRE(parsed.segments().size() == 3);
  CHECK(parsed.segments()[1] == "caf\xC3\xA9");
  CHECK(parsed.segments()[2] == "a/b");
  CHECK(parsed.parameter("q") == "two words");
  CHECK(parsed.parameter("x") == "+");
  CHECK(parsed.parameter("flag") == "");
  CHECK_FALSE(parsed.parameter("missing"));
}

TEST_CASE("target: absolute form and the asterisk are taken") {
  target parsed;
  REQUIRE(parsed.parse("http://shop.example:80/api/cart?x=1"));
  CHECK(parsed.path() == "/api/cart");
  REQUIRE(parsed.parse("http://shop.example"));
  CHECK(parsed.path() == "/");
  REQUIRE(parsed.parse("*"));
  CHECK(parsed.segments().empty());
}

TEST_CASE("target: a trailing slash is an empty segment") {
  target parsed;
  REQUIRE(parsed.parse("/a/"));
  CHECK(parsed.segments().size() == 2);
  REQUIRE(parsed.parse("/"));
  CHECK(parsed.segments().size() == 1);
}

TEST_CASE("target: what is malformed is refused") {
  target parsed;
  for (const auto* text : {"/a%", "/a%2", "/a%zz", "/a?b=%1", "a/b", "", "/a#b"}) {
    CAPTURE(text);
    const auto outcome = parsed.parse(text);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == "bad_target");
  }
}
