// covers: protocols/http/event_page.cpp
#include "protocols/http/log_endpoints.hpp"

#include <set>

#include "tests/protocols/http/coupon_fixture.hpp"

using namespace bv;
using namespace bv::http;
using namespace bv::http::test;

namespace {

std::string cursor_of(const raw_answer& answer) {
  const auto at = answer.body.rfind("\"cursor\":\"") + 10;
  return answer.body.substr(at, answer.body.find('"', at) - at);
}

std::size_t items_in(const raw_answer& answer) {
  std::size_t count = 0;
  for (auto at = answer.body.find("\"eventId\""); at != std::string::npos;
       at = answer.body.find("\"eventId\"", at + 1))
    ++count;
  return count;
}

}  // namespace

TEST_CASE("history: an entity's events in their envelopes, page by page") {
  coupon_server s;
  const auto id = s.issue();
  for (int i = 0; i < 4; ++i) s.ask("PUT", "/api/coupons/" + id + "/orders/o" + std::to_string(i));
  const auto path = "/api/actors/coupon/" + id + "/events";
  const auto first = s.ask("GET", path + "?limit=3");
  CHECK(first.status == 200);
  CHECK(items_in(first) == 3);
  CHECK(holds(first, R"("eventType":"promo.coupon.issued.v1")"));
  CHECK(holds(first, R"("producer":"n1")"));
  CHECK(holds(first, R"("partitionKey":"coupon/)" + id + "\""));
  CHECK(holds(first, R"("payload":{"percent":10)"));
  CHECK(holds(first, R"("version":3,"nextAfter":3})"));
  const auto rest = s.ask("GET", path + "?after=3");
  CHECK(items_in(rest) == 2);
  CHECK(holds(rest, R"("version":5})"));
  CHECK(s.ask("GET", path + "?after=5").body == R"({"items":[],"version":5})");
  CHECK(s.ask("GET", "/api/actors/coupon/none/events").status == 404);
  CHECK(s.ask("GET", path + "?limit=0").status == 400);
  CHECK(s.ask("GET", path + "?after=-1").status == 400);
}

TEST_CASE("events: paging by cursor sees every event of every shard once") {
  coupon_server s;
  std::set<std::string> made;
  for (int i = 0; i < 25; ++i) made.insert(s.issue());
  std::set<std::string> seen;
  std::size_t items = 0;
  raw_answer page;
  std::string cursor;
  for (int pages = 0; pages < 20; ++pages) {
    page = s.ask("GET", "/api/events?limit=4&after=" + cursor);
    REQUIRE(page.status == 200);
    items += items_in(page);
    for (const auto& id : made)
      if (holds(page, "coupon/" + id)) seen.insert(id);
    cursor = cursor_of(page);
    if (holds(page, "\"atEnd\":true")) break;
  }
  CHECK(seen == made);
  CHECK(items == 25);
  CHECK(s.ask("GET", "/api/events?after=" + cursor).body.find(R"({"items":[],)") == 0);
}

TEST_CASE("events: a filter names aggregates or event types") {
  coupon_server s;
  const auto id = s.issue();
  s.ask("PUT", "/api/coupons/" + id + "/orders/o1");
  s.ask("POST", "/api/coupon-book/coupons", "X-User-Id: ann\r\n", R"({"coupon":"c"})");
  CHECK(items_in(s.ask("GET", "/api/events")) == 3);
  CHECK(items_in(s.ask("GET", "/api/events?type=coupon")) == 2);
  CHECK(items_in(s.ask("GET", "/api/events?type=promo.coupon.redeemed.v1,coupon_book")) == 2);
  const auto wrong = s.ask("GET", "/api/events?type=voucher");
  CHECK(wrong.status == 400);
  CHECK(holds(wrong, R"("code":"unknown_event_type")"));
  CHECK(s.ask("GET", "/api/events?after=nonsense").status == 400);
  CHECK(s.ask("GET", "/api/events?limit=1001").status == 400);
}

TEST_CASE("events: offsets that were dropped are said to be") {
  coupon_server s;
  s.issue();
  for (std::uint16_t shard = 0; shard < fake_node::shards; ++shard)
    s.node.drop_through(storage::shard_id{shard}, s.node.end(storage::shard_id{shard}));
  const auto answer = s.ask("GET", "/api/events");
  CHECK(answer.status == 404);
  CHECK(holds(answer, R"("code":"offset_dropped")"));
}

TEST_CASE("cluster: the node and its shards") {
  coupon_server s;
  s.issue();
  const auto answer = s.ask("GET", "/api/cluster");
  CHECK(answer.body.find(
            R"({"nodes":[{"id":"n1","standing":"active","self":true,"reached":true}],"shards":[{"shard":0,"leader":"n1","lastOffset":)") == 0);
  CHECK(holds(answer, R"("lastOffset":1)"));
  CHECK(holds(answer, R"({"shard":3,)"));
}
