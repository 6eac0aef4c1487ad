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
  CHECK(problem({error_kind::timeout, "o", "m", {}}).fields().find("Retry-After: 1\r\n") != std::string::npos);
  CHECK(problem({error_kind::timeout, "o", "m", {}, 2500}).fields().find("Retry-After: 3\r\n") != std::string::npos);
  // The client was slow, not we.
  CHECK(problem(408, {error_kind::timeout, "o", "m", {}}).fields().find("Retry-After") == std::string::npos);
}

TEST_CASE("problem: no input adds a header field") {
  response answer;
  answer.add("X", "a\r\nSet-Cookie: b");
  CHECK(answer.fields() == "X: aSet-Cookie: b\r\n");
}
