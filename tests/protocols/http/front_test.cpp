// covers: protocols/http/route_table.cpp
// covers: protocols/http/reply.cpp
#include "protocols/http/front.hpp"

#include "tests/protocols/http/coupon_fixture.hpp"

using namespace bv;
using namespace bv::http;
using namespace bv::http::test;

namespace {

struct named_endpoint final : endpoint {
  void serve(const call&) const override {}
};

options with_origins(std::vector<std::string> allowed) {
  options how;
  how.allowed_origins = std::move(allowed);
  return how;
}

}  // namespace

TEST_CASE("routes: a literal segment wins over a parameter") {
  route_table routes;
  REQUIRE(routes.add(method::get, "/api/orders/{id}", std::make_unique<named_endpoint>()));
  REQUIRE(routes.add(method::get, "/api/orders/me", std::make_unique<named_endpoint>()));
  REQUIRE(routes.add(method::get, "/api/orders/{id}/lines/{sku}", std::make_unique<named_endpoint>()));
  std::vector<std::string_view> values;
  const auto* mine = routes.find({"api", "orders", "me"}, values);
  REQUIRE(mine);
  CHECK(values.empty());
  const auto* one = routes.find({"api", "orders", "o1"}, values);
  REQUIRE(one);
  CHECK(one != mine);
  CHECK(values == std::vector<std::string_view>{"o1"});
  REQUIRE(routes.find({"api", "orders", "me", "lines", "s"}, values));
  CHECK(values == std::vector<std::string_view>{"me", "s"});
  CHECK_FALSE(routes.find({"api", "orders"}, values));
  CHECK_FALSE(routes.find({"api", "orders", ""}, values));
  // A way that turns out wrong leaves nothing behind.
  REQUIRE(routes.add(method::get, "/lit/{a}/y", std::make_unique<named_endpoint>()));
  REQUIRE(routes.add(method::get, "/{p}/{q}/x", std::make_unique<named_endpoint>()));
  REQUIRE(routes.find({"lit", "5", "x"}, values));
  CHECK(values == std::vector<std::string_view>{"lit", "5"});
  const auto taken = routes.add(method::get, "/api/orders/{order}", std::make_unique<named_endpoint>());
  REQUIRE_FALSE(taken);
  CHECK(taken.error().code == "route_taken");
}

TEST_CASE("front: what is nowhere is a 404, what is otherwise is a 405 with Allow") {
  coupon_server s;
  const auto none = s.ask("GET", "/api/nothing");
  CHECK(none.status == 404);
  CHECK(holds(none, R"("code":"no_such_route")"));
  const auto wrong = s.ask("PATCH", "/api/coupons/c1");
  CHECK(wrong.status == 405);
  CHECK(wrong.field("Allow") == "GET, HEAD, DELETE, OPTIONS");
  CHECK(s.ask("BREW", "/api/coupons/c1").status == 501);
  CHECK(s.ask("POST", "/healthz").field("Allow") == "GET, HEAD, OPTIONS");
}

TEST_CASE("front: HEAD is GET without the body") {
  coupon_server s;
  const auto path = "/api/coupons/" + s.issue();
  auto client = s.connect();
  client.send(coupon_server::text("HEAD", path));
  const auto head = client.answer(true);
  CHECK(head.status == 200);
  CHECK(head.field("ETag") == "\"1\"");
  const auto get = client.ask(coupon_server::text("GET", path));
  CHECK(head.field("Content-Length") == std::to_string(get.body.size()));
}

TEST_CASE("front: OPTIONS tells what may be done") {
  coupon_server s;
  const auto answer = s.ask("OPTIONS", "/api/coupons");
  CHECK(answer.status == 204);
  CHECK(answer.field("Allow") == "GET, HEAD, POST, OPTIONS");
  CHECK(s.ask("OPTIONS", "*").field("Allow").find("PATCH") != std::string::npos);
  CHECK(s.ask("OPTIONS", "/api/nothing").status == 404);
}

TEST_CASE("front: only allowed origins get CORS fields") {
  coupon_server s(with_origins({"https://shop.example"}));
  const std::string preflight = "Access-Control-Request-Method: POST\r\n";
  auto answer = s.ask("OPTIONS", "/api/coupons", "Origin: https://shop.example\r\n" + preflight);
  CHECK(answer.field("Access-Control-Allow-Origin") == "https://shop.example");
  CHECK(answer.field("Access-Control-Allow-Methods").find("POST") != std::string::npos);
  CHECK(answer.field("Access-Control-Allow-Headers").find("Idempotency-Key") != std::string::npos);
  answer = s.ask("OPTIONS", "/api/coupons", "Origin: https://evil.example\r\n" + preflight);
  CHECK(answer.field("Access-Control-Allow-Origin").empty());
  CHECK(answer.field("Access-Control-Allow-Methods").empty());
  answer = s.ask("GET", "/api/coupons", "Origin: https://shop.example\r\n");
  CHECK(answer.field("Access-Control-Allow-Origin") == "https://shop.example");
  CHECK(answer.field("Access-Control-Expose-Headers").find("ETag") != std::string::npos);
  CHECK(answer.field("Vary").find("Origin") != std::string::npos);
  coupon_server open(with_origins({"*"}));
  CHECK(open.ask("GET", "/api/coupons", "Origin: https://any.example\r\n")
            .field("Access-Control-Allow-Origin") == "*");
  coupon_server closed;
  CHECK(closed.ask("GET", "/api/coupons", "Origin: null\r\n").field("Access-Control-Allow-Origin").empty());
}

TEST_CASE("front: who does not take JSON gets a 406") {
  coupon_server s;
  CHECK(s.ask("GET", "/api/coupons", "Accept: text/html\r\n").status == 406);
  CHECK(s.ask("GET", "/api/coupons", "Accept: text/html, */*;q=0.1\r\n").status == 200);
  CHECK(s.ask("GET", "/api/coupons", "Accept: application/*\r\n").status == 200);
  CHECK(s.ask("GET", "/api/events/stream", "Accept: application/json\r\n").status == 406);
}
