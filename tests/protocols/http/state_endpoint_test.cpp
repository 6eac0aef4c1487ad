// covers: protocols/schema/tombstone.cpp
#include "protocols/http/state_endpoint.hpp"

#include "protocols/http/gzip.hpp"
#include "tests/protocols/http/coupon_fixture.hpp"

using namespace bv;
using namespace bv::http;
using namespace bv::http::test;

TEST_CASE("state: it comes with its version as tag, and is not sent twice") {
  coupon_server s;
  const auto path = "/api/coupons/" + s.issue();
  const auto answer = s.ask("GET", path);
  CHECK(answer.status == 200);
  CHECK(answer.field("ETag") == "\"1\"");
  CHECK(answer.field("Cache-Control") == "private, no-cache");
  CHECK(holds(answer, R"("percent":10)"));
  const auto same = s.ask("GET", path, "If-None-Match: \"1\"\r\n");
  CHECK(same.status == 304);
  CHECK(same.body.empty());
  CHECK(same.field("ETag") == "\"1\"");
  CHECK(s.ask("GET", path, "If-None-Match: \"0\", W/\"1\"\r\n").status == 304);
  CHECK(s.ask("GET", path, "If-None-Match: *\r\n").status == 304);
  CHECK(s.ask("GET", path, "If-None-Match: \"2\"\r\n").status == 200);
  s.ask("PUT", path + "/orders/o1");
  CHECK(s.ask("GET", path, "If-None-Match: \"1\"\r\n").field("ETag") == "\"2\"");
}

TEST_CASE("state: what does not exist or is gone is a 404, the caller's own is not") {
  coupon_server s;
  const auto none = s.ask("GET", "/api/coupons/none");
  CHECK(none.status == 404);
  CHECK(holds(none, R"("code":"not_found")"));
  CHECK(s.ask("GET", "/api/coupons/none", "If-None-Match: *\r\n").status == 404);
  const auto path = "/api/coupons/" + s.issue();
  CHECK(s.ask("DELETE", path).status == 200);
  CHECK(s.ask("GET", path).status == 404);
  const auto own = s.ask("GET", "/api/coupon-book", "X-User-Id: ann\r\n");
  CHECK(own.status == 200);
  CHECK(own.field("ETag") == "\"0\"");
  CHECK(holds(own, R"("coupons":[])"));
  CHECK(s.ask("GET", "/api/coupon-book").status == 401);
}

TEST_CASE("state: the generic route shows any aggregate") {
  coupon_server s;
  const auto id = s.issue();
  CHECK(s.ask("GET", "/api/actors/coupon/" + id).body == s.ask("GET", "/api/coupons/" + id).body);
  CHECK(s.ask("GET", "/api/actors/coupon/none").status == 404);
  CHECK(s.ask("GET", "/api/actors/voucher/v").status == 404);
  CHECK(s.ask("GET", "/api/actors/coupon/a%2Fb").status == 400);
}

TEST_CASE("state: a stale one says so, and how it stands") {
  coupon_server s;
  const auto path = "/api/coupons/" + s.issue();
  auto answer = s.ask("GET", path + "?consistency=stale");
  CHECK(answer.status == 200);
  CHECK(answer.field("ETag") == "\"1\"");
  CHECK(answer.field("Bv-Consistency") == "stale;leader=?1;behind=0");
  s.node.stand({.leader_known = false, .batches_behind = 3});
  CHECK(s.ask("GET", path + "?consistency=stale").field("Bv-Consistency") == "stale;leader=?0;behind=3");
  const auto same = s.ask("GET", path + "?consistency=stale", "If-None-Match: \"1\"\r\n");
  CHECK(same.status == 304);
  CHECK(same.field("Bv-Consistency") == "stale;leader=?0;behind=3");
  const auto none = s.ask("GET", "/api/actors/coupon/none?consistency=stale");
  CHECK(none.status == 404);
  CHECK(none.field("Bv-Consistency") == "stale;leader=?0;behind=3");
  CHECK(s.ask("GET", "/api/coupon-book?consistency=stale", "X-User-Id: ann\r\n").field("Bv-Consistency").starts_with("stale"));
}

TEST_CASE("state: it is linearizable unless something else is asked for, and nothing else there is") {
  coupon_server s;
  const auto path = "/api/coupons/" + s.issue();
  CHECK(s.ask("GET", path).field("Bv-Consistency").empty());
  CHECK(s.node.last_wanted() == runtime::consistency::linearizable);
  CHECK(s.ask("GET", path + "?consistency=linearizable").field("Bv-Consistency").empty());
  CHECK(s.node.last_wanted() == runtime::consistency::linearizable);
  for (const auto* wrong : {"?consistency=Stale", "?consistency=", "?consistency=eventual"}) {
    const auto answer = s.ask("GET", path + wrong);
    CHECK(answer.status == 400);
    CHECK(holds(answer, R"("code":"consistency_unknown")"));
    CHECK(holds(answer, "linearizable, the default, or stale"));
    CHECK(holds(answer, R"("path":"consistency")"));
  }
}

TEST_CASE("state: a large one is packed for those who take it, under a tag of its own") {
  coupon_server s;
  const auto path = "/api/coupons/" + s.issue(R"({"percent":10,"text":")" + std::string(5000, 't') + "\"}");
  const auto plain = s.ask("GET", path);
  const auto packed = s.ask("GET", path, "Accept-Encoding: br, gzip\r\n");
  CHECK(plain.field("Content-Encoding").empty());
  CHECK(packed.field("Content-Encoding") == "gzip");
  CHECK(packed.body.size() < plain.body.size() / 10);
  CHECK(gunzip(packed.body, 1'000'000) == plain.body);
  CHECK(packed.field("ETag") == "\"1-gzip\"");
  CHECK(packed.field("Vary").find("Accept-Encoding") != std::string::npos);
  CHECK(s.ask("GET", path, "Accept-Encoding: gzip\r\nIf-None-Match: \"1-gzip\"\r\n").status == 304);
  CHECK(s.ask("GET", path, "Accept-Encoding: gzip;q=0\r\n").field("Content-Encoding").empty());
  const auto small = s.ask("GET", "/api/coupons/" + s.issue(), "Accept-Encoding: gzip\r\n");
  CHECK(small.field("Content-Encoding").empty());
}

TEST_CASE("query: parameters come from the query string, and are checked") {
  coupon_server s;
  auto answer = s.ask("GET", "/api/coupons?limit=2", "X-User-Id: ann\r\n");
  CHECK(answer.status == 200);
  CHECK(answer.body == R"({"ids":["c1","c2"],"askedBy":"ann"})");
  answer = s.ask("GET", "/api/coupons?limit=0");
  CHECK(answer.status == 400);
  CHECK(holds(answer, R"("path":"limit")"));
  CHECK(s.ask("GET", "/api/coupons?limit=ten").status == 400);
  answer = s.ask("GET", "/api/coupons?colour=red");
  CHECK(answer.status == 400);
  CHECK(holds(answer, R"("code":"unknown_field")"));
  CHECK(s.ask("GET", "/api/coupons?minPercent=13").status == 503);
}

TEST_CASE("query: an answer that has not changed is not sent twice") {
  coupon_server s;
  const auto tag = s.ask("GET", "/api/coupons?limit=2").field("ETag");
  CHECK(tag.starts_with("W/\""));
  CHECK(s.ask("GET", "/api/coupons?limit=2", "If-None-Match: " + tag + "\r\n").status == 304);
  CHECK(s.ask("GET", "/api/coupons?limit=3", "If-None-Match: " + tag + "\r\n").status == 200);
}
