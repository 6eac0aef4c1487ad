// What the document says; that it is valid OpenAPI is for the validators under openapi/ to say.
// Covers: protocols/schema/openapi_fixed.cpp protocols/schema/openapi_types.cpp
#include "protocols/schema/openapi.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <doctest/doctest.h>

#include "tests/protocols/schema/fixtures/sample.hpp"

using namespace bv;
using namespace bv::fixtures;
namespace json = boost::json;

namespace {

json::value made(const schema::openapi_options& options = {}) {
  const std::vector<const schema::aggregate_contract*> aggregates{&sample::contract::reflection()};
  const std::vector<const schema::query_contract*> queries{&contract_of(sample::find_samples{})};
  return json::parse(schema::openapi_document(aggregates, queries, options));
}

const json::value& at(const json::value& from, std::string_view pointer) {
  json::error_code wrong;
  const auto* found = from.find_pointer({pointer.data(), pointer.size()}, wrong);
  static const json::value nothing;
  return found ? *found : nothing;
}

}  // namespace

TEST_CASE("openapi: every offered command has its own route and the actor's") {
  const auto document = made();
  const auto& paths = document.at("paths").as_object();
  CHECK(paths.at("/api/samples/{id}/prices/{sku}").as_object().contains("put"));
  CHECK(paths.contains("/api/actors/sample/{id}/price"));
  CHECK(paths.contains("/api/actors/sample/{id}/store"));
  CHECK(paths.contains("/api/actors/sample/{id}/events"));
  CHECK(paths.at("/api/actors/sample/{id}").as_object().contains("get"));
  CHECK(paths.contains("/api/events/stream"));
  CHECK_FALSE(paths.contains("/api/actors/sample/{id}/close"));  // internal
  CHECK(at(document, "/paths/~1api~1samples/post/responses/201/headers/Location").is_object());
}

TEST_CASE("openapi: what the path gives is no part of the body, what the server makes can't be sent") {
  const auto document = made();
  const auto& body = at(document, "/paths/~1api~1samples~1{id}~1prices~1{sku}/put/requestBody/content/application~1json/schema");
  CHECK(body.at("properties").as_object().contains("price"));
  CHECK_FALSE(body.at("properties").as_object().contains("sku"));
  const std::string name = "/components/schemas/tests.protocols.schema.fixtures.sample.";
  CHECK(at(document, name + "Open/properties/ticket/readOnly").as_bool());
  CHECK(at(document, name + "State/properties").as_object().contains("everything"));
  CHECK_FALSE(at(document, name + "State/properties").as_object().contains("secret"));
}

TEST_CASE("openapi: limits, defaults and docs of fields reach their schemas") {
  const auto document = made();
  const std::string everything = "/components/schemas/tests.protocols.schema.fixtures.sample.Everything/properties/";
  CHECK(at(document, everything + "count/minimum") == 1);
  CHECK(at(document, everything + "count/maximum") == 10);
  CHECK(at(document, everything + "small/default") == -7);
  CHECK(at(document, everything + "colour/default") == "darkGreen");
  CHECK(at(document, everything + "at/format") == "date-time");
  CHECK(at(document, everything + "items/maxItems") == 40);
  CHECK(at(document, everything + "blob/contentEncoding") == "base64");
  const auto& parameters = at(document, "/paths/~1api~1samples/get/parameters").as_array();
  REQUIRE(parameters.size() == 6);
  CHECK(parameters[1].at("name") == "limit");
  CHECK(parameters[1].at("schema").at("maximum") == 100);
}

TEST_CASE("openapi: who asks is named as the node's auth mode wants it") {
  CHECK(at(made(), "/components/securitySchemes/user/name") == "X-User-Id");
  const auto document = made({.users_by_header = false});
  CHECK(at(document, "/components/securitySchemes/token/scheme") == "bearer");
  CHECK(at(document, "/paths/~1api~1samples~1{id}/get/security/0/token/0") == "sample:read");
}
