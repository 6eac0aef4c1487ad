// https://spec.openapis.org/oas/v3.1.0. The document is put together once, when a node starts.
#include "protocols/schema/openapi.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cctype>
#include <vector>

#include "protocols/schema/openapi_fixed.hpp"
#include "protocols/schema/openapi_types.hpp"

namespace bv::schema {
namespace {

namespace json = boost::json;

json::object reference_to(std::string_view part, std::string_view name) {
  return {{"$ref", "#/components/" + std::string(part) + "/" + std::string(name)}};
}

json::object json_content(json::object schema) {
  return {{"application/json", json::object{{"schema", std::move(schema)}}}};
}

/// Names in the braces of a path, the entity's {id} left out.
std::vector<std::string> fields_in_path(const route& on) {
  std::vector<std::string> names;
  for (const auto& segment : on.segments)
    if (segment.is_parameter && segment.text != "id") names.push_back(segment.text);
  return names;
}

bool has_id(const route& on) {
  return std::any_of(on.segments.begin(), on.segments.end(),
                     [](const path_segment& one) { return one.is_parameter && one.text == "id"; });
}

class document {
 public:
  explicit document(const openapi_options& options) : options_(options) {}

  void add(const aggregate_contract& contract) {
    tags_.push_back(json::object{{"name", contract.name()}, {"description", contract.state().doc()}});
    for (std::size_t i = 0; i < contract.state_routes().size(); ++i)
      add_state(contract, contract.state_routes()[i], numbered("get_" + contract.name(), i));
    const route of_actor = actor_route("GET", contract, "");
    add_state(contract, of_actor, "actor_get_" + contract.name());
    add_history(contract);
    for (const auto& command : contract.commands()) {
      if (command.internal) continue;
      for (std::size_t i = 0; i < command.routes.size(); ++i)
        add_command(contract, command, command.routes[i], numbered(contract.name() + "_" + command.name, i));
      add_command(contract, command, actor_route("POST", contract, "/" + command.name),
                  "actor_" + contract.name() + "_" + command.name);
    }
    for (const auto& event : contract.events()) add_event(event);
  }

  void add(const query_contract& query) {
    json::array parameters;
    for (const auto& of : query.parameters().fields()) {
      const bool in_path = std::any_of(query.route().segments.begin(), query.route().segments.end(),
                                       [&](const path_segment& one) { return one.is_parameter && one.text == of.name; });
      parameters.push_back(field_parameter(of, in_path ? "path" : "query"));
    }
    json::object responses{{"200", json::object{{"description", "The answer."},
                                                {"content", json_content(schemas_.reference(query.answer()))}}}};
    add_failures(responses, {"400 Invalid", "401 Unauthenticated", "403 Forbidden", "429 Overloaded", "503 Unavailable"});
    auto operation = described(query.name(), "queries", query.doc());
    if (!parameters.empty()) operation["parameters"] = std::move(parameters);
    operation["responses"] = std::move(responses);
    operation["security"] = security(query.scope());
    put(query.route(), std::move(operation));
  }

  std::string finish() {
    json::object event{{"description", "A committed event."}};
    json::array each;
    json::object mapping;
    for (const auto& name : event_names_) {
      each.push_back(reference_to("schemas", name));
      mapping[name] = "#/components/schemas/" + name;
    }
    if (!each.empty()) {
      event["oneOf"] = std::move(each);
      event["discriminator"] = json::object{{"propertyName", "eventType"}, {"mapping", std::move(mapping)}};
    }
    auto components = json::parse(fixed_components()).as_object();
    auto schemas = json::parse(fixed_schemas()).as_object();
    schemas["Event"] = std::move(event);
    auto types = schemas_.take();
    for (auto& one : types) schemas[one.key()] = std::move(one.value());
    components["schemas"] = std::move(schemas);
    components["securitySchemes"] = json::object{{scheme(), security_scheme()}};
    auto fixed = json::parse(fixed_paths()).as_object();
    for (auto& one : fixed) paths_[one.key()] = std::move(one.value());
    tags_.push_back(json::object{{"name", "queries"}, {"description", "Answered from read models, which trail the entities."}});
    tags_.push_back(json::object{{"name", "events"}, {"description", "The event log."}});
    tags_.push_back(json::object{{"name", "node"}, {"description", "The node itself."}});
    return json::serialize(json::object{
        {"openapi", "3.1.0"},
        {"info", json::object{{"title", options_.title}, {"version", options_.version},
                              {"description", "Generated from the contracts that this node serves."}}},
        {"servers", json::array{json::object{{"url", "/"}}}},
        {"tags", std::move(tags_)},
        {"paths", std::move(paths_)},
        {"components", std::move(components)},
        {"security", security("")}});
  }

 private:
  static std::string numbered(std::string name, std::size_t index) {
    return index == 0 ? name : name + "_" + std::to_string(index + 1);
  }

  static route actor_route(std::string method, const aggregate_contract& contract, const std::string& rest) {
    route made;
    made.method = std::move(method);
    made.path = "/api/actors/" + contract.name() + "/{id}" + rest;
    made.segments = {{true, "id"}};
    return made;
  }

  std::string scheme() const { return options_.users_by_header ? "user" : "token"; }

  json::object security_scheme() const {
    if (options_.users_by_header)
      return {{"type", "apiKey"}, {"in", "header"}, {"name", "X-User-Id"}, {"description", "Development only: it is believed."}};
    return {{"type", "http"}, {"scheme", "bearer"}, {"bearerFormat", "JWT"}};
  }

  json::array security(const std::string& scope) const {
    json::array scopes;
    if (!scope.empty()) scopes.push_back(json::string(scope));
    return {json::object{{scheme(), std::move(scopes)}}};
  }

  static json::object described(const std::string& operation_id, const std::string& tag, const std::string& doc) {
    json::object operation{{"operationId", operation_id}, {"tags", json::array{json::string(tag)}}};
    if (!doc.empty()) operation["summary"] = doc.substr(0, doc.find(". ") == doc.npos ? doc.size() : doc.find(". ") + 1);
    if (!doc.empty()) operation["description"] = doc;
    return operation;
  }

  /// "400 Invalid" stands for the response of that name under that status.
  static void add_failures(json::object& responses, std::initializer_list<std::string_view> all) {
    for (const auto one : all) responses[one.substr(0, 3)] = reference_to("responses", one.substr(4));
    responses["default"] = reference_to("responses", "Failed");
  }

  json::object field_parameter(const field& of, std::string_view in) {
    json::object parameter{{"name", of.name}, {"in", in}, {"required", in == "path" || of.required}};
    if (!of.doc.empty()) parameter["description"] = of.doc;
    parameter["schema"] = schemas_.field_schema(of);
    return parameter;
  }

  json::array path_parameters(const route& on, const struct_type* parameters) {
    json::array all;
    if (has_id(on)) all.push_back(reference_to("parameters", "EntityId"));
    for (const auto& name : fields_in_path(on))
      if (const auto* of = parameters ? parameters->find(name) : nullptr) all.push_back(field_parameter(*of, "path"));
    return all;
  }

  void add_state(const aggregate_contract& contract, const route& on, const std::string& operation_id) {
    auto parameters = path_parameters(on, nullptr);
    for (const auto* one : {"IfNoneMatch", "Consistency"}) parameters.push_back(reference_to("parameters", one));
    json::object responses{{"200", json::object{{"description", "The state and its version."},
                                                {"headers", json::object{{"ETag", reference_to("headers", "ETag")},
                                                                         {"Bv-Consistency", reference_to("headers", "Bv-Consistency")}}},
                                                {"content", json_content(schemas_.reference(contract.state()))}}}};
    responses["304"] = reference_to("responses", "NotModified");
    add_failures(responses, {"400 Invalid", "401 Unauthenticated", "403 Forbidden", "404 NotFound", "429 Overloaded",
                             "503 Unavailable", "504 TimedOut"});
    auto operation = described(operation_id, contract.name(), contract.state().doc());
    operation["parameters"] = std::move(parameters);
    operation["responses"] = std::move(responses);
    operation["security"] = security(contract.state_scope());
    put(on, std::move(operation));
  }

  void add_history(const aggregate_contract& contract) {
    const auto on = actor_route("GET", contract, "/events");
    auto parameters = path_parameters(on, nullptr);
    parameters.push_back(json::parse(R"({"name": "after", "in": "query", "schema": {"type": "integer", "minimum": 0, "default": 0},
        "description": "Version after which to begin."})"));
    parameters.push_back(json::parse(R"({"name": "limit", "in": "query",
        "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}})"));
    json::object responses{{"200", json::object{{"description", "Oldest first."},
                                                {"content", json_content(reference_to("schemas", "History"))}}}};
    add_failures(responses, {"400 Invalid", "401 Unauthenticated", "403 Forbidden", "404 NotFound"});
    auto operation = described("actor_events_" + contract.name(), contract.name(), "The events of one " + contract.name() + ".");
    operation["parameters"] = std::move(parameters);
    operation["responses"] = std::move(responses);
    operation["security"] = security(contract.state_scope());
    put(on, std::move(operation));
  }

  void add_command(const aggregate_contract& contract, const command_type& command, const route& on,
                   const std::string& operation_id) {
    auto operation = described(operation_id, contract.name(), command.doc);
    auto parameters = path_parameters(on, command.parameters);
    for (const auto* one : {"IdempotencyKey", "IfMatch", "Prefer"}) parameters.push_back(reference_to("parameters", one));
    operation["parameters"] = std::move(parameters);
    const auto given = fields_in_path(on);
    const bool has_body = std::any_of(command.parameters->fields().begin(), command.parameters->fields().end(), [&](const field& of) {
      return !of.generated && !of.internal && std::find(given.begin(), given.end(), of.name) == given.end();
    });
    if (has_body) {
      const bool required = std::any_of(command.parameters->fields().begin(), command.parameters->fields().end(), [&](const field& of) {
        return of.required && std::find(given.begin(), given.end(), of.name) == given.end();
      });
      operation["requestBody"] = json::object{{"required", required},
                                              {"content", json_content(schemas_.body_schema(*command.parameters, given))}};
    }
    json::object headers{{"ETag", reference_to("headers", "ETag")}};
    if (!on.location.empty()) headers["Location"] = reference_to("headers", "Location");
    json::object answer{{"anyOf", json::array{reference_to("schemas", "Receipt"), schemas_.reference(contract.state())}}};
    json::object responses{{std::to_string(on.success), json::object{{"description", "Accepted and durable."},
                                                                     {"headers", std::move(headers)},
                                                                     {"content", json_content(std::move(answer))}}}};
    add_failures(responses, {"400 Invalid", "401 Unauthenticated", "403 Forbidden", "404 NotFound", "409 Conflict",
                             "412 PreconditionFailed", "413 TooLarge", "415 UnsupportedMediaType", "429 Overloaded", "503 Unavailable",
                             "504 TimedOut"});
    operation["responses"] = std::move(responses);
    operation["security"] = security(command.scope);
    put(on, std::move(operation));
  }

  void add_event(const event_type& event) {
    auto schema = json::parse(R"({"type": "object", "properties": {
        "eventId": {"type": "string", "description": "Unique; the shard and the offset.", "examples": ["3-1041"]},
        "eventType": {}, "occurredAt": {"type": "string", "format": "date-time"}, "producer": {"type": "string"},
        "traceId": {"type": "string"}, "correlationId": {"type": "string"}, "schemaVersion": {"type": "integer"},
        "tenantId": {"type": "string"}, "partitionKey": {"type": "string", "examples": ["cart/alice"]}, "payload": {}},
        "required": ["eventId", "eventType", "occurredAt", "producer", "traceId", "correlationId", "schemaVersion", "tenantId",
                     "partitionKey", "payload"]})").as_object();
    auto& properties = schema["properties"].as_object();
    properties["eventType"] = json::object{{"const", event.type}};
    properties["schemaVersion"].as_object()["const"] = event.version;
    properties["payload"] = schemas_.reference(*event.payload);
    if (!event.doc.empty()) schema["description"] = event.doc;
    schemas_.add(event.type, std::move(schema));
    event_names_.push_back(event.type);
  }

  void put(const route& on, json::object operation) {
    auto method = on.method;
    std::transform(method.begin(), method.end(), method.begin(), [](unsigned char c) { return std::tolower(c); });
    auto& path = paths_[on.path];
    if (!path.is_object()) path = json::object();
    path.as_object()[method] = std::move(operation);
  }

  const openapi_options& options_;
  component_schemas schemas_;
  json::object paths_;
  json::array tags_;
  std::vector<std::string> event_names_;
};

}  // namespace

std::string openapi_document(std::span<const aggregate_contract* const> aggregates,
                             std::span<const query_contract* const> queries, const openapi_options& options) {
  document made(options);
  for (const auto* one : aggregates) made.add(*one);
  for (const auto* one : queries) made.add(*one);
  return made.finish();
}

}  // namespace bv::schema
