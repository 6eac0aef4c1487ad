// covers: protocols/http/static_endpoint.cpp
#include "protocols/http/server.hpp"

#include "tests/protocols/http/coupon_fixture.hpp"

using namespace bv;
using namespace bv::http;
using namespace bv::http::test;

TEST_CASE("server: health, readiness and metrics") {
  std::atomic<bool> recovering{true};
  coupon_server s({}, [&]() -> result<void> {
    if (recovering) return failure(error_kind::unavailable, "recovering", "the node is reading its journal");
    return {};
  });
  CHECK(s.ask("GET", "/healthz").body == R"({"status":"ok"})");
  auto answer = s.ask("GET", "/readyz");
  CHECK(answer.status == 503);
  CHECK(holds(answer, R"("code":"recovering")"));
  recovering = false;
  CHECK(s.ask("GET", "/readyz").body == R"({"status":"ready"})");
  s.http->announce_stop();
  CHECK(s.ask("GET", "/readyz").status == 503);
  answer = s.ask("GET", "/metrics", "Accept: text/plain\r\n");
  CHECK(answer.field("Content-Type") == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(holds(answer, "up 1\n"));
}

TEST_CASE("server: two contracts that claim the same route are refused") {
  coupon_server s;
  const auto started = server::start(
      {.listen = "127.0.0.1:0"},
      {s.node, s.node, {&coupon_contract::reflection(), &coupon_contract::reflection()}, {}, {}, {}});
  REQUIRE_FALSE(started);
  CHECK(started.error().code == "route_taken");
}

TEST_CASE("server: stops twice, and with answers still to come") {
  coupon_server s;
  auto client = s.connect();
  client.send(coupon_server::text("POST", "/api/coupons", "", R"({"percent":10})"));
  CHECK(client.answer().status == 201);
  s.http->stop();
  s.http->stop();
  CHECK(client.closed());
}
