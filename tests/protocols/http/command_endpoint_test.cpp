// covers: protocols/http/identity.cpp
// covers: protocols/http/ids.cpp
// covers: protocols/http/endpoint.cpp
#include "protocols/http/command_endpoint.hpp"

#include <set>
#include <thread>

#include "tests/protocols/http/coupon_fixture.hpp"

using namespace bv;
using namespace bv::http::test;

TEST_CASE("command: a generated id is in the Location, and the receipt tells what happened") {
  coupon_server s;
  const auto answer = s.ask("POST", "/api/coupons", "X-User-Id: ann\r\n", R"({"percent":10,"text":"ten"})");
  CHECK(answer.status == 201);
  const auto id = answer.field("Location").substr(13);
  CHECK(id.size() == 32);
  CHECK(answer.body ==
        R"({"type":"coupon","id":")" + id + R"(","version":1,"events":["promo.coupon.issued.v1"]})");
  CHECK(answer.field("ETag") == "\"1\"");
  CHECK(answer.field("Content-Type") == "application/json");
  CHECK(answer.field("Cache-Control") == "no-store");
  CHECK(answer.field("X-Content-Type-Options") == "nosniff");
  CHECK(s.ask("GET", "/api/coupons/" + id).body.find(R"("issuedBy":"ann")") != std::string::npos);
  CHECK(s.issue() != s.issue());
}

TEST_CASE("command: path segments are fields, and generated fields reach the Location") {
  coupon_server s;
  const auto id = s.issue();
  const auto answer = s.ask("PUT", "/api/coupons/" + id + "/orders/o%2D1");
  CHECK(answer.status == 202);
  const auto expected = "/api/coupons/" + id + "/redemptions/";
  CHECK(answer.field("Location").starts_with(expected));
  CHECK(answer.field("Location").size() == expected.size() + 32);
  CHECK(holds(s.ask("GET", "/api/coupons/" + id), R"("orders":["o-1"])"));
  CHECK(s.ask("PUT", "/api/coupons/" + id + "/orders/o-2", "", R"({"order":"other"})").status == 400);
  CHECK(s.ask("PUT", "/api/coupons/" + id + "/orders/o-2", "", R"({"redemptionId":"mine"})").status == 400);
}

TEST_CASE("command: a retry with the same key is the same command, entity and answer") {
  coupon_server s;
  const auto first =
      s.ask("POST", "/api/coupons", "X-User-Id: ann\r\nIdempotency-Key: k1\r\n", R"({"percent":10})");
  const auto again =
      s.ask("POST", "/api/coupons", "X-User-Id: ann\r\nIdempotency-Key: k1\r\n", R"({ "percent" : 10 })");
  CHECK(first.status == 201);
  CHECK(first.field("Idempotent-Replayed").empty());
  CHECK(again.status == 201);
  CHECK(again.field("Idempotent-Replayed") == "true");
  CHECK(again.body == first.body);
  CHECK(again.field("Location") == first.field("Location"));
  const auto changed =
      s.ask("POST", "/api/coupons", "X-User-Id: ann\r\nIdempotency-Key: k1\r\n", R"({"percent":11})");
  CHECK(changed.status == 409);
  CHECK(holds(changed, R"("code":"command_id_reused")"));
  const auto stranger =
      s.ask("POST", "/api/coupons", "X-User-Id: bob\r\nIdempotency-Key: k1\r\n", R"({"percent":11})");
  CHECK(stranger.status == 201);
  CHECK(stranger.field("Location") != first.field("Location"));
  CHECK(s.node.last_request().command_id == "http/bob/k1");
}

TEST_CASE("command: a retry's generated fields are the same, too") {
  coupon_server s;
  const auto path = "/api/coupons/" + s.issue() + "/orders/o1";
  const auto first = s.ask("PUT", path, "Idempotency-Key: k2\r\n");
  const auto again = s.ask("PUT", path, "Idempotency-Key: k2\r\n");
  CHECK(first.status == 202);
  CHECK(again.status == 202);
  CHECK(again.field("Location") == first.field("Location"));
}

TEST_CASE("command: an idempotency key has its limits") {
  coupon_server s;
  const std::string user = "X-User-Id: " + std::string(128, 'u') + "\r\n";
  for (const std::size_t size : {120, 121, 200}) {
    const auto key = "Idempotency-Key: " + std::string(size, 'k') + "\r\n";
    const auto first = s.ask("POST", "/api/coupons", user + key, R"({"percent":10})");
    CHECK(first.status == 201);
    CHECK(s.node.last_request().command_id.size() <= 256);
    CHECK(s.ask("POST", "/api/coupons", user + key, R"({"percent":10})").body == first.body);
  }
  for (const auto& bad :
       {std::string(201, 'k'), std::string("a b"), std::string("\xC3\xA9"), std::string()}) {
    const auto answer =
        s.ask("POST", "/api/coupons", "Idempotency-Key: " + bad + "\r\n", R"({"percent":10})");
    CHECK(answer.status == 400);
    CHECK(holds(answer, R"("code":"bad_idempotency_key")"));
  }
}

TEST_CASE("command: the caller's own entity needs a caller") {
  coupon_server s;
  const auto nobody = s.ask("POST", "/api/coupon-book/coupons", "", R"({"coupon":"c1"})");
  CHECK(nobody.status == 401);
  CHECK(holds(nobody, R"("code":"user_required")"));
  const auto ann = s.ask("POST", "/api/coupon-book/coupons", "X-User-Id: ann\r\n", R"({"coupon":"c1"})");
  CHECK(ann.status == 200);
  CHECK(ann.body ==
        R"({"type":"coupon_book","id":"ann","version":1,"events":["promo.coupon_book.kept.v1"]})");
  for (const auto* bad : {"a b", "a/b", "x\r\nX-User-Id: y", "\xC3\xA9"}) {
    const auto answer = s.ask("GET", "/api/coupon-book", "X-User-Id: " + std::string(bad) + "\r\n");
    CHECK(answer.status == 400);
    CHECK(holds(answer, R"("code":"bad_user_id")"));
  }
}

TEST_CASE("command: whoever gives no name is not taken for the system") {
  coupon_server s;
  s.issue();
  s.ask("POST", "/api/coupons", "", R"({"percent":10})");
  CHECK(s.node.last_request().from.principal == "anonymous");
}

TEST_CASE("command: trace and correlation go to the node and back") {
  coupon_server s;
  const std::string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  auto answer = s.ask("POST", "/api/coupons", "traceparent: " + trace + "\r\nX-Correlation-Id: c-7\r\n",
                      R"({"percent":10})");
  const auto from = s.node.last_request().from;
  CHECK(from.correlation == "c-7");
  CHECK(from.trace.substr(0, 36) == trace.substr(0, 36));
  CHECK(from.trace.substr(36, 16) != trace.substr(36, 16));
  CHECK(answer.field("X-Correlation-Id") == "c-7");
  CHECK(answer.field("traceparent") == from.trace);
  answer = s.ask("POST", "/api/coupons", "traceparent: nonsense\r\n", R"({"percent":10})");
  CHECK(answer.field("traceparent").size() == 55);
  CHECK(answer.field("X-Correlation-Id") == answer.field("traceparent").substr(3, 32));
  CHECK(s.ask("GET", "/api/coupons", "X-Correlation-Id: a b\r\n").status == 400);
}

TEST_CASE("command: If-Match holds back what is meant for another version") {
  coupon_server s;
  const auto path = "/api/coupons/" + s.issue();
  const auto redeem = [&](int order, std::string_view field) {
    return s.ask("PUT", path + "/orders/o" + std::to_string(order), std::string(field) + "\r\n").status;
  };
  CHECK(redeem(1, "If-Match: \"7\"") == 412);
  CHECK(redeem(1, "If-Match: W/\"1\"") == 412);
  CHECK(redeem(1, "If-Match: \"x\"") == 412);
  CHECK(redeem(1, "If-Match: \"1\"") == 202);
  CHECK(redeem(2, "If-Match: \"2-gzip\"") == 202);
  CHECK(redeem(3, "If-Match: \"1\", \"3\"") == 202);
  CHECK(redeem(4, "If-Match: *") == 202);
  CHECK(redeem(5, "If-None-Match: *") == 412);
  CHECK(s.ask("PUT", "/api/coupons/none/orders/o1", "If-Match: *\r\n").status == 412);
}

TEST_CASE("command: Prefer: return=representation gives the state instead of the receipt") {
  coupon_server s;
  const auto made = s.ask("POST", "/api/coupons", "Prefer: return=representation\r\n", R"({"percent":10})");
  CHECK(made.status == 201);
  CHECK(holds(made, R"("percent":10)"));
  CHECK(made.field("Preference-Applied") == "return=representation");
  CHECK(made.field("ETag") == "\"1\"");
  const auto gone = s.ask("DELETE", made.field("Location"), "Prefer: return=representation\r\n");
  CHECK(gone.status == 200);
  CHECK(holds(gone, R"("events":["promo.coupon.retired.v1"])"));
}

TEST_CASE("command: any command of any aggregate has a generic route, except internal ones") {
  coupon_server s;
  const auto made = s.ask("POST", "/api/actors/coupon/c1/issue", "X-User-Id: ann\r\n", R"({"percent":20})");
  CHECK(made.status == 200);
  CHECK(made.body == R"({"type":"coupon","id":"c1","version":1,"events":["promo.coupon.issued.v1"]})");
  auto answer = s.ask("POST", "/api/actors/coupon/c1/expire");
  CHECK(answer.status == 404);
  CHECK(holds(answer, R"("code":"unknown_command")"));
  CHECK_FALSE(holds(answer, "expire, "));
  CHECK(holds(answer, "issue, redeem, retire"));
  answer = s.ask("POST", "/api/actors/voucher/c1/issue");
  CHECK(answer.status == 404);
  CHECK(holds(answer, R"("code":"unknown_type")"));
  CHECK(s.ask("POST", "/api/actors/coupon/a%20b/issue", "", R"({"percent":20})").status == 400);
  CHECK(s.ask("POST", "/api/actors/coupon/" + std::string(129, 'x') + "/issue", "", R"({"percent":20})")
            .status == 400);
}

TEST_CASE("command: what is malformed is a 400 that names the place") {
  coupon_server s;
  const auto at = [&](std::string_view body) { return s.ask("POST", "/api/coupons", "", body); };
  for (const auto& [body, path] : std::vector<std::pair<std::string, std::string>>{
           {R"({"percent":"x"})", R"("path":"percent")"},
           {R"({"percent":0})", R"("path":"percent")"},
           {R"({"percent":91})", R"("path":"percent")"},
           {R"({"percent":1e99})", R"("path":"percent")"},
           {R"({"percent":123456789012345678901234567890})", R"("path":"percent")"},
           {R"({"percent":1.5})", R"("path":"percent")"},
           {R"({"percent":10,"colour":"red"})", R"("path":"colour")"},
           {R"({"percent":10,"text":["a"]})", R"("path":"text")"},
           {R"({"percent":10,)", R"("path":")"},
           {"[1]", R"("code":")"},
           {"{\"text\":\"\xC0\xAF\",\"percent\":1}", R"("code":"not_utf8")"},
           {std::string(5000, '['), R"("code":"too_deep")"}}) {
    CAPTURE(body);
    const auto answer = at(body);
    CHECK(answer.status == 400);
    CHECK(answer.field("Content-Type") == "application/problem+json");
    CHECK(holds(answer, path));
  }
}

TEST_CASE("command: a body that is no JSON is a 415") {
  coupon_server s;
  CHECK(s.ask("POST", "/api/coupons", "Content-Type: text/plain\r\n", R"({"percent":10})").status == 415);
  CHECK(s.ask("POST", "/api/coupons", "Content-Type: application/json\r\nContent-Encoding: gzip\r\n", "{}")
            .status == 415);
  CHECK(
      s.ask("POST", "/api/coupons", "Content-Type: application/json; charset=utf-8\r\n", R"({"percent":10})")
          .status == 201);
  raw_client client(s.http->port());
  CHECK(client.ask("POST /api/coupons HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}").status == 415);
}

TEST_CASE("command: a rejection has its kind's status and its own code") {
  coupon_server s;
  const auto id = s.issue();
  CHECK(s.ask("PUT", "/api/coupons/" + id + "/orders/o1").status == 202);
  const auto again = s.ask("PUT", "/api/coupons/" + id + "/orders/o1", "X-Correlation-Id: c-9\r\n");
  CHECK(again.status == 409);
  CHECK(holds(again, R"("code":"already_redeemed")"));
  CHECK(holds(again, R"("path":"order")"));
  CHECK(holds(again, R"("correlationId":"c-9")"));
  CHECK(s.ask("PUT", "/api/coupons/none/orders/o1").status == 404);
  s.node.fail_with(error{error_kind::overloaded, "overloaded", "too much", {}, 100});
  const auto shed = s.ask("POST", "/api/coupons", "", R"({"percent":10})");
  CHECK(shed.status == 429);
  CHECK(shed.field("Retry-After") == "1");
  s.node.fail_with(error{error_kind::unavailable, "stopping", "not now", {}});
  CHECK(s.ask("POST", "/api/coupons", "", R"({"percent":10})").status == 503);
  CHECK(s.ask("GET", "/api/coupons/" + id).status == 503);
}

TEST_CASE("command: clients at once never get each other's answers") {
  coupon_server s;
  std::vector<std::thread> clients;
  std::atomic<int> right{0};
  for (int c = 0; c < 8; ++c)
    clients.emplace_back([&, c] {
      raw_client client(s.http->port());
      const auto user = "u" + std::to_string(c);
      for (int i = 1; i <= 50; ++i) {
        const auto answer = client.ask(coupon_server::text(
            "POST", "/api/coupon-book/coupons", "X-User-Id: " + user + "\r\n", R"({"coupon":"c"})"));
        right += answer.body == R"({"type":"coupon_book","id":")" + user + R"(","version":)" +
                                    std::to_string(i) + R"(,"events":["promo.coupon_book.kept.v1"]})";
      }
    });
  for (auto& one : clients) one.join();
  CHECK(right == 400);
}
