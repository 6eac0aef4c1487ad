#include "tools/chaos/shop_requests.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "protocols/http/ids.hpp"
#include "protocols/schema/base/assert.hpp"
#include "protocols/schema/json.hpp"
#include "sim/world/batch_records.hpp"
#include "sim/world/shop_contracts.hpp"

namespace bv::chaos {
namespace {

namespace json = boost::json;

constexpr unsigned too_many_requests = 429, server_errors = 500, request_timeout = 408;

/// What the node makes of an Idempotency-Key (protocols/http/identity.cpp): a command id is the key of one user.
std::string command_id_of(const std::string& user, const std::string& key) { return "http/" + user + "/" + key; }

std::string code_in(const std::string& body) {
  boost::system::error_code failed;
  const auto all = json::parse(body, failed);
  const auto* const code = failed || !all.is_object() ? nullptr : all.get_object().if_contains("code");
  return code != nullptr && code->is_string() ? std::string(code->get_string()) : std::string();
}

error_kind kind_of(unsigned status) {
  switch (status) {
    case 401: return error_kind::unauthenticated;
    case 403: return error_kind::forbidden;
    case 404: return error_kind::not_found;
    case 409: return error_kind::conflict;
    case 412: return error_kind::precondition_failed;
    case 413: return error_kind::too_large;
    default: return error_kind::invalid;
  }
}

entity_key key_of(const std::string& entity) {
  auto key = entity_key::parse(std::string(entity_key::default_tenant) + "/" + entity);
  BV_ASSERT(key, "an entity that we made up has a sound id");
  return *std::move(key);
}

}  // namespace

shop_requests::shop_requests() : contracts_(sim::shop_contracts()) {}

shop_request shop_requests::command(const std::string& client, const std::string& user, const std::string& entity, const std::string& name,
                                    const std::string& json, const std::string& key) const {
  shop_request made{.what = {.client = client, .user = user, .entity = key_of(entity), .command = name}, .wire = {}};
  const auto* const contract = sim::find_contract(contracts_, made.what.entity.type());
  const auto* const command = contract == nullptr ? nullptr : contract->find_command(name);
  BV_ASSERT(command != nullptr, "only commands of the shop are asked");
  made.what.command_id = command_id_of(user, key);
  // A server makes the same ids up, of the same key.
  std::vector<std::string> texts;
  texts.reserve(command->parameters->fields().size());
  schema::message_draft draft(*contract, *command);
  draft.set_body(json);
  for (const auto& field : command->parameters->fields())
    if (field.generated)
      draft.set_generated(field.name, texts.emplace_back(http::derived_hex(made.what.command_id + '/' + contract->name(), field.name)));
  auto body = draft.finish();
  BV_ASSERT(body, "a body that we made up is one of its command");
  made.what.body = *std::move(body);
  made.wire = {"POST", "/api/actors/" + entity + "/" + name, {{"X-User-Id", user}, {"Idempotency-Key", key}}, json};
  return made;
}

shop_request shop_requests::view(const std::string& client, const std::string& user, const std::string& entity) const {
  return {.what = {.client = client, .user = user, .entity = key_of(entity)},
          .wire = {"GET", "/api/actors/" + entity, {{"X-User-Id", user}}}};
}

std::optional<sim::operation::accepted> shop_requests::receipt(const sim::operation& asked, const std::string& body) const {
  boost::system::error_code failed;
  const auto all = json::parse(body, failed);
  const auto* const fields = failed ? nullptr : all.if_object();
  const auto* const version = fields == nullptr ? nullptr : fields->if_contains("version");
  const auto* const events = fields == nullptr ? nullptr : fields->if_contains("events");
  if (version == nullptr || !version->is_number() || events == nullptr || !events->is_array()) return std::nullopt;
  sim::operation::accepted made{.version = version->to_number<std::uint64_t>(), .events = {}};
  const auto* const contract = sim::find_contract(contracts_, asked.entity.type());
  for (const auto& one : events->get_array()) {
    const auto found = std::ranges::find_if(contract->events(), [&](const auto& type) { return one.is_string() && one.get_string() == type.type; });
    if (found == contract->events().end()) return std::nullopt;
    made.events.push_back(found->ordinal);
  }
  return made;
}

std::optional<sim::operation::seen> shop_requests::state(const sim::operation& asked, const http_client::answer& answer) const {
  const auto version = answer.version();
  auto state = schema::to_message(sim::find_contract(contracts_, asked.entity.type())->state(), answer.body);
  if (!version || !state) return std::nullopt;
  return sim::operation::seen{*version, *std::move(state)};
}

heard shop_requests::understand(const sim::operation& asked, const result<http_client::answer>& answer) const {
  if (!answer) return {answer.error().code == "connect_failed" ? "no connection" : answer.error().kind == error_kind::timeout ? "silence" : "cut off", {}};
  const bool is_view = asked.command.empty();
  heard made{std::to_string(answer->status), {}};
  if (answer->status < 300) {
    if (is_view) {
      if (auto seen = state(asked, *answer)) made.outcome = *std::move(seen);
    } else if (auto told = receipt(asked, answer->body)) {
      made.outcome = *std::move(told);
    }
    if (!made.outcome) made.as += " not understood";
    return made;
  }
  const auto code = code_in(answer->body);
  made.as += " " + (code.empty() ? "without a code" : code);
  if (answer->status >= server_errors || answer->status == too_many_requests || answer->status == request_timeout || code.empty()) return made;
  // What nobody has told anything is at version 0.
  if (is_view && code == "not_found") made.outcome = state(asked, {.status = answer->status, .etag = "\"0\"", .body = "{}"});
  else made.outcome = sim::operation::refused{{kind_of(answer->status), code, answer->body, {}}};
  return made;
}

}  // namespace bv::chaos
