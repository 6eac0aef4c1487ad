// covers: protocols/http/gzip.cpp
#include "protocols/http/negotiation.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "protocols/http/gzip.hpp"

using namespace bv::http;

TEST_CASE("negotiation: Accept, by the most specific range") {
  CHECK(accepts("", "application/json"));
  CHECK(accepts("*/*", "application/json"));
  CHECK(accepts("text/html, Application/JSON;q=0.5", "application/json"));
  CHECK_FALSE(accepts("text/html", "application/json"));
  CHECK_FALSE(accepts("application/json;q=0, */*", "application/json"));
  CHECK_FALSE(accepts("application/json; charset=utf-8; q=0.000", "application/json"));
  CHECK(accepts("application/*;q=0.1, */*;q=0", "application/json"));
}

TEST_CASE("negotiation: Accept-Encoding") {
  CHECK(accepts_gzip("gzip"));
  CHECK(accepts_gzip("br;q=1, gzip;q=0.8"));
  CHECK(accepts_gzip("*"));
  CHECK_FALSE(accepts_gzip(""));
  CHECK_FALSE(accepts_gzip("identity"));
  CHECK_FALSE(accepts_gzip("gzip;q=0, *"));
}

TEST_CASE("negotiation: Content-Type and Prefer") {
  CHECK(is_json("application/json"));
  CHECK(is_json("Application/Json ; charset=utf-8"));
  CHECK_FALSE(is_json("application/jsonp"));
  CHECK_FALSE(is_json(""));
  CHECK(prefers_representation("respond-async, return=representation; x=1"));
  CHECK_FALSE(prefers_representation("return=minimal"));
}

TEST_CASE("negotiation: tags of versions, plain and packed") {
  CHECK(version_tag(7) == "\"7\"");
  CHECK(gzip_tag("\"7\"") == "\"7-gzip\"");
  CHECK(gzip_tag("W/\"ab\"") == "W/\"ab-gzip\"");
  CHECK(names_tag("\"6\", W/\"7-gzip\"", "\"7\""));
  CHECK(names_tag("*", "\"7\""));
  CHECK_FALSE(names_tag("7", "\"7\""));
  CHECK_FALSE(names_tag("", "\"7\""));
  CHECK_FALSE(parse_if_match(std::nullopt));
  CHECK(parse_if_match("*")->any);
  CHECK(parse_if_match("\"1\", W/\"2\", \"3-gzip\", \"x\", \"\"")->versions ==
        std::vector<std::uint64_t>{1, 3});
}

TEST_CASE("gzip: what was packed comes out again, and nothing larger than allowed") {
  CHECK(rc::check("round trip",
                  [](const std::string& text) { RC_ASSERT(gunzip(gzip(text), 1 << 20) == text); }));
  CHECK_FALSE(gunzip(gzip(std::string(200'000, 'x')), 100'000));
  CHECK_FALSE(gunzip("no gzip at all", 1000));
  const auto packed = gzip("some text");
  CHECK_FALSE(gunzip(packed.substr(0, packed.size() - 3), 1000));
}
