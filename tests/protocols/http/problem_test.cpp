#include "protocols/http/problem.hpp"

#include <doctest/doctest.h>

using namespace bv;
using namespace bv::http;

TEST_CASE("problem: every kind of failure has a status and a stable code") {
  CHECK(problem({error_kind::invalid, "bad", "m", "a.b"}).status == 400);
  CHECK(problem({error_kind::unauthenticated, "who", "m", {}}).status == 401);
  CHECK(problem({error_kind::not_found, "gone", "m", {}}).status == 404);
  CHECK(problem({error_kind::conflict, "cart_full", "m", {}}).status == 409);
  CHECK(problem({error_kind::precondition_failed, "moved", "m", {}}).status == 412);
  const auto answer =
      problem({error_kind::conflict, "cart_full", "a cart holds \"100\" lines", "lines[3]"}, "c-1");
  CHECK(answer.body ==
        R"({"type":"urn:bitvelocity:problem:cart_full","title":"Conflict","status":409,"code":"cart_full",)"
        R"("detail":"a cart holds \"100\" lines","path":"lines[3]","correlationId":"c-1"})");
  CHECK(answer.fields().find("Content-Type: application/problem+json\r\n") != std::string::npos);
  CHECK(answer.fields().find("Retry-After") == std::string::npos);
}

TEST_CASE("problem: what may go better later says when") {
  CHECK(problem({error_kind::overloaded, "o", "m", {}, 1500}).fields().find("Retry-After: 2\r\n") !=
        std::string::npos);
  CHECK(problem({error_kind::unavailable, "o", "m", {}}).fields().find("Retry-After: 1\r\n") !=
        std::string::npos);
}

TEST_CASE("problem: strings are valid JSON whatever they hold") {
  std::string out;
  append_json_string(out, std::string_view("a\"\\\n\x01\0z", 7));
  CHECK(out == "\"a\\\"\\\\\\u000a\\u0001\\u0000z\"");
  for (const auto* bad : {"\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF", "\xE2\x82", "\x80"}) {
    out.clear();
    append_json_string(out, bad);
    CHECK(out.find("\xEF\xBF\xBD") != out.npos);
    CHECK(out.find(bad) == out.npos);
  }
  out.clear();
  append_json_string(out, "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80");
  CHECK(out == "\"caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80\"");
}

TEST_CASE("problem: no input adds a header field") {
  response answer;
  answer.add("X", "a\r\nSet-Cookie: b");
  CHECK(answer.fields() == "X: aSet-Cookie: b\r\n");
}
