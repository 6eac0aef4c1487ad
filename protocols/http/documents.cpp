#include "protocols/http/documents.hpp"

#include "protocols/http/docs/assets.hpp"
#include "protocols/http/static_endpoint.hpp"
#include "protocols/schema/json.hpp"
#include "protocols/schema/openapi.hpp"

namespace bv::http {
namespace {

// Swagger UI styles its elements in place and holds its icons as data; everything else comes from us only.
constexpr std::string_view docs_policy =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
constexpr std::string_view nothing_else = "default-src 'none'; frame-ancestors 'none'";

void append_route(std::string& out, std::string_view name, const schema::route& route) {
  if (out.back() != '[') out += ',';
  schema::append_json_string(out += R"({"name":)", name);
  schema::append_json_string(out += R"(,"method":)", route.method);
  schema::append_json_string(out += R"(,"path":)", route.path);
  out += '}';
}

std::string index_of(const contract_book& contracts,
                     const std::vector<const schema::query_contract*>& queries, const std::string& version) {
  std::string out = R"({"name":"BitVelocity","version":)";
  schema::append_json_string(out, version);
  out += R"(,"openapi":"/openapi.json","docs":"/docs","events":"/api/events","stream":"/api/events/stream",)"
         R"("cluster":"/api/cluster","types":[)";
  for (const auto* contract : contracts.all()) {
    if (out.back() != '[') out += ',';
    schema::append_json_string(out += R"({"type":)", contract->name());
    schema::append_json_string(out += R"(,"actor":)", "/api/actors/" + contract->name() + "/{id}");
    out += R"(,"routes":[)";
    for (const auto& route : contract->state_routes()) append_route(out, "state", route);
    for (const auto& command : contract->commands())
      for (const auto& route : command.routes)
        if (!command.internal) append_route(out, command.name, route);
    out += "]}";
  }
  out += R"(],"queries":[)";
  for (const auto* query : queries) append_route(out, query->name(), query->route());
  return out += "]}";
}

std::unique_ptr<endpoint> page(document made, std::string_view policy) {
  made.content_security_policy = policy;
  return make_static_endpoint(std::move(made));
}

}  // namespace

result<void> add_documents(route_table& routes, const contract_book& contracts,
                           const std::vector<const schema::query_contract*>& queries,
                           const std::string& version) {
  BV_TRY(routes.add(method::get, "/", make_redirect_endpoint("/docs")));
  BV_TRY(routes.add(
      method::get, "/api",
      page(make_document("application/json", index_of(contracts, queries, version)), nothing_else)));
  schema::openapi_options how;
  how.version = version;
  BV_TRY(routes.add(
      method::get, "/openapi.json",
      page(make_document("application/json", schema::openapi_document(contracts.all(), queries, how)),
           nothing_else)));
  for (const auto& asset : docs_assets()) {
    const auto make = [&] {
      return page(make_packed_document(std::string(asset.media_type), std::string(asset.gzip)), docs_policy);
    };
    if (asset.name == "index.html") {
      BV_TRY(routes.add(method::get, "/docs", make()));
      BV_TRY(routes.add(method::get, "/docs/", make()));
    } else {
      BV_TRY(routes.add(method::get, "/docs/" + std::string(asset.name), make()));
    }
  }
  return {};
}

}  // namespace bv::http
