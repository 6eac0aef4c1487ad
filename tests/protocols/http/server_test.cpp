// covers: protocols/http/documents.cpp
// covers: protocols/http/static_endpoint.cpp
#include "protocols/http/server.hpp"

#include <boost/json/parse.hpp>

#include "protocols/http/gzip.hpp"
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

TEST_CASE("server: OpenAPI is made of the contracts, kept, packed and tagged") {
  coupon_server s;
  const auto answer = s.ask("GET", "/openapi.json");
  CHECK(answer.status == 200);
  CHECK(answer.field("Content-Type") == "application/json");
  const auto document = boost::json::parse(answer.body);
  CHECK(document.at("openapi").as_string() == "3.1.0");
  const auto& paths = document.at("paths").as_object();
  CHECK(paths.contains("/api/coupons/{id}"));
  CHECK(paths.contains("/api/actors/coupon/{id}/issue"));
  CHECK_FALSE(paths.contains("/api/actors/coupon/{id}/expire"));
  CHECK(s.ask("GET", "/openapi.json", "If-None-Match: " + answer.field("ETag") + "\r\n").status == 304);
  const auto packed = s.ask("GET", "/openapi.json", "Accept-Encoding: gzip\r\n");
  CHECK(packed.field("Content-Encoding") == "gzip");
  CHECK(packed.field("ETag") != answer.field("ETag"));
  CHECK(gunzip(packed.body, 1 << 20) == answer.body);
}

TEST_CASE("server: every route of the contracts that OpenAPI shows is there") {
  coupon_server s;
  const auto document = boost::json::parse(s.ask("GET", "/openapi.json").body);
  int routes = 0;
  for (const auto& [path, operations] : document.at("paths").as_object()) {
    std::string target(path);
    for (auto open = target.find('{'); open != target.npos; open = target.find('{'))
      target.replace(open, target.find('}') - open + 1, "x");
    const auto allow = s.ask("OPTIONS", target).field("Allow");
    for (const auto& [verb, operation] : operations.as_object()) {
      std::string name(verb);
      for (auto& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      CAPTURE(target);
      CHECK(allow.find(name) != allow.npos);
      ++routes;
    }
  }
  CHECK(routes > 15);
}

TEST_CASE("server: Swagger UI comes from the node itself") {
  coupon_server s;
  const auto root = s.ask("GET", "/");
  CHECK(root.status == 307);
  CHECK(root.field("Location") == "/docs");
  const auto page = s.ask("GET", "/docs", "Accept: text/html\r\n");
  CHECK(page.field("Content-Type") == "text/html; charset=utf-8");
  CHECK(page.field("Content-Security-Policy").find("script-src 'self';") != std::string::npos);
  for (auto at = page.body.find("\"/docs/"); at != std::string::npos;
       at = page.body.find("\"/docs/", at + 1)) {
    const auto target = page.body.substr(at + 1, page.body.find('"', at + 1) - at - 1);
    CAPTURE(target);
    const auto asset = s.ask("GET", target, "Accept-Encoding: gzip\r\n");
    CHECK(asset.status == 200);
    CHECK(asset.field("Content-Encoding") == "gzip");
  }
  CHECK(s.ask("GET", "/docs/swagger-ui-bundle.js").body.size() > 1'000'000);
  CHECK(s.ask("GET", "/docs/../server.cpp").status == 404);
}

TEST_CASE("server: the index names types, their routes and queries") {
  coupon_server s;
  const auto index = boost::json::parse(s.ask("GET", "/api").body);
  CHECK(index.at("types").at(0).at("type").as_string() == "coupon");
  CHECK(index.at("types").at(0).at("routes").as_array().size() == 4);
  CHECK(index.at("queries").at(0).at("path").as_string() == "/api/coupons");
}
