// One command's way: path, headers and body become a message, the gateway is asked, the receipt becomes an
// answer.
//
//   If-Match "7"           the command happens only at version 7
//   If-Match *, or a list  the entity is looked at first; the command then happens only at the version that
//   was seen If-None-Match *        the command happens only if the entity does not exist yet
#include "protocols/http/command_endpoint.hpp"

#include <algorithm>
#include <utility>

#include "protocols/http/identity.hpp"
#include "protocols/http/ids.hpp"
#include "protocols/http/negotiation.hpp"
#include "protocols/http/problem.hpp"
#include "protocols/http/state_endpoint.hpp"
#include "protocols/schema/envelope.hpp"
#include "protocols/schema/json.hpp"

namespace bv::http {
namespace {

/// What is needed from the question until the answer.
struct exchange_of_command {
  runtime::gateway& entities;
  reply answer;
  const schema::aggregate_contract& contract;
  std::uint16_t success;
  std::string location;
  bool representation = false;
  std::optional<version_condition> only_at;
  entity_key entity;
  runtime::command_request request;  // until it is asked
};
using shared_exchange = std::shared_ptr<exchange_of_command>;

/// The value of a name in the Location template.
using values_by_name = std::vector<std::pair<std::string_view, std::string_view>>;

std::string fill(std::string_view pattern, const values_by_name& values) {
  std::string text;
  while (!pattern.empty()) {
    const auto open = std::min(pattern.find('{'), pattern.size());
    text.append(pattern.substr(0, open));
    pattern.remove_prefix(open);
    const auto close = pattern.find('}');
    if (close == pattern.npos) break;
    for (const auto& [name, value] : values)
      if (name == pattern.substr(1, close - 1)) text.append(value);
    pattern.remove_prefix(close + 1);
  }
  return text;
}

result<void> check_body(const request& asked) {
  if (asked.body.empty()) return {};
  if (!is_json(asked.headers.get("Content-Type")))
    return failure(error_kind::invalid, "unsupported_media_type", "the body must be application/json",
                   "Content-Type");
  const auto coding = asked.headers.find("Content-Encoding");
  if (coding && !same_token(*coding, "identity"))
    return failure(error_kind::invalid, "unsupported_content_encoding", "the body must not be encoded",
                   "Content-Encoding");
  return {};
}

response accepted(const exchange_of_command& about, const runtime::receipt& receipt, response answer) {
  answer.etag = version_tag(receipt.version);
  answer.add("Cache-Control", "no-store");
  if (!about.location.empty()) answer.add("Location", about.location);
  if (receipt.repeated) answer.add("Idempotent-Replayed", "true");
  return answer;
}

void answer_with_receipt(const shared_exchange& about, runtime::receipt receipt) {
  about->answer.send([about, receipt = std::move(receipt)] {
    return accepted(*about, receipt,
                    json_response(about->success, schema::receipt_json(about->contract, about->entity,
                                                                       receipt.version, receipt.events)));
  });
}

/// Prefer: return=representation. The state may already be a later one; its version is the tag. An entity
/// that the command ended has none: then the receipt is the answer.
void answer_with_state(const shared_exchange& about, runtime::receipt receipt) {
  about->entities.view({.entity = about->entity}, [about, receipt = std::move(receipt)](auto seen) mutable {
    if (!seen || !exists(about->contract, *seen)) return answer_with_receipt(about, std::move(receipt));
    about->answer.send([about, receipt = std::move(receipt), seen = *std::move(seen)] {
      auto body = schema::to_json(about->contract.state(), seen.state);
      if (!body) return about->answer.problem_of(body.error());
      auto answer = accepted(*about, receipt, json_response(about->success, *std::move(body)));
      answer.etag = version_tag(seen.version);
      return answer.add("Preference-Applied", "return=representation");
    });
  });
}

void ask(const shared_exchange& about) {
  about->entities.ask(std::move(about->request), [about](result<runtime::receipt> outcome) {
    if (!outcome) return about->answer.fail(outcome.error());
    about->representation ? answer_with_state(about, *std::move(outcome))
                          : answer_with_receipt(about, *std::move(outcome));
  });
}

void ask_if_version_matches(const shared_exchange& about) {
  about->entities.view({.entity = about->entity}, [about](result<runtime::entity_view> seen) {
    if (!seen) return about->answer.fail(seen.error());
    const auto& wanted = about->only_at->versions;
    const bool matches =
        seen->version > 0 &&
        (about->only_at->any || std::find(wanted.begin(), wanted.end(), seen->version) != wanted.end());
    if (!matches)
      return about->answer.fail({error_kind::precondition_failed, "version_mismatch",
                                 "If-Match names no version " + std::to_string(seen->version), "If-Match"});
    about->request.expected_version = seen->version;
    ask(about);
  });
}

class command_endpoint final : public endpoint {
 public:
  command_endpoint(const surroundings& around, command_route route)
      : around_(around), route_(std::move(route)) {}

  void serve(const call& asked) const override {
    if (const auto fit = check_body(asked.asked); !fit) return asked.answer.fail(415, fit.error());
    auto prepared = prepare(asked);
    if (!prepared) return asked.answer.fail(prepared.error());
    const auto& about = *prepared;
    about->only_at ? ask_if_version_matches(about) : ask(about);
  }

 private:
  result<shared_exchange> prepare(const call& asked) const {
    const auto& from = asked.answer.from();
    BV_ASSIGN(auto command_id, command_id_of(asked.asked, from.principal));

    schema::message_draft draft(*route_.contract, *route_.command);
    draft.set_body(asked.asked.body);
    values_by_name known;
    std::string_view id;
    for (std::size_t i = 0; i < route_.parameters.size(); ++i) {
      known.emplace_back(route_.parameters[i], asked.values[i]);
      if (route_.parameters[i] == "id")
        id = asked.values[i];
      else
        draft.set_from_text(route_.parameters[i], asked.values[i]);
    }
    // Texts of the draft must stay where they are: strings of their own, reserved before the first view is
    // taken.
    std::vector<std::string> made;
    made.reserve(route_.command->parameters->fields().size() + 1);
    const auto make_id = [&](std::string_view what) -> std::string_view {
      return made.emplace_back(command_id.empty()
                                   ? random_hex(16)
                                   : derived_hex(command_id + '/' + route_.contract->name(), what));
    };
    if (route_.entity == schema::entity_source::generated) known.emplace_back("id", id = make_id("id"));
    if (route_.entity == schema::entity_source::principal) {
      BV_ASSIGN(id, required_principal(from));
    }
    for (const auto& field : route_.command->parameters->fields()) {
      if (!field.generated) continue;
      known.emplace_back(field.name, make_id(field.name));
      draft.set_generated(field.name, known.back().second);
    }
    BV_ASSIGN(auto entity, entity_key::make(entity_key::default_tenant, route_.contract->name(), id));
    BV_ASSIGN(auto message, draft.finish());

    auto about = std::make_shared<exchange_of_command>(
        exchange_of_command{around_.entities,
                            asked.answer,
                            *route_.contract,
                            route_.success,
                            fill(route_.location, known),
                            prefers_representation(asked.asked.headers.get("Prefer")),
                            {},
                            entity,
                            {}});
    about->request.entity = std::move(entity);
    about->request.command = std::move(message);
    about->request.command_id = std::move(command_id);
    about->request.from = from;
    set_conditions(asked.asked, *about);
    return about;
  }

  static void set_conditions(const request& asked, exchange_of_command& about) {
    about.only_at = parse_if_match(asked.headers.find("If-Match"));
    if (about.only_at && !about.only_at->any && about.only_at->versions.size() == 1) {
      about.request.expected_version = about.only_at->versions.front();
      about.only_at.reset();
    }
    if (asked.headers.get("If-None-Match") == "*") about.request.expected_version = 0;
  }

  const surroundings& around_;
  const command_route route_;
};

/// The names in the braces of a path or a template, in order.
std::vector<std::string> names_in(std::string_view pattern) {
  std::vector<std::string> names;
  for (auto open = pattern.find('{'); open != pattern.npos; open = pattern.find('{', open + 1))
    names.emplace_back(pattern.substr(open + 1, pattern.find('}', open) - open - 1));
  return names;
}

/// Which command of which aggregate, by the names in the path.
class any_command_endpoint final : public endpoint {
 public:
  explicit any_command_endpoint(const surroundings& around) : around_(around) {
    for (const auto* contract : around.contracts.all())
      for (const auto& command : contract->commands())
        if (!command.internal)
          all_.push_back(
              {contract->name(), command.name,
               std::make_unique<command_endpoint>(
                   around, command_route{contract, &command, schema::entity_source::path, 200, {}, {"id"}})});
  }

  void serve(const call& asked) const override {
    const auto type = asked.values[0], command = asked.values[2];
    for (const auto& [known_type, known_command, what] : all_)
      if (known_type == type && known_command == command)
        return what->serve({asked.asked, {asked.values[1]}, asked.answer});
    const auto* contract = around_.contracts.find(type);
    if (!contract) return asked.answer.fail(unknown_type(type));
    std::string message = std::string(type) + " has no command '" + std::string(command) + "'; it has ";
    std::string_view separator;
    for (const auto& [known_type, known_command, what] : all_)
      if (known_type == type) message.append(std::exchange(separator, ", ")).append(known_command);
    asked.answer.fail({error_kind::not_found, "unknown_command", std::move(message), {}});
  }

 private:
  struct one {
    std::string_view type, command;
    std::unique_ptr<command_endpoint> what;
  };
  const surroundings& around_;
  std::vector<one> all_;
};

}  // namespace

result<std::unique_ptr<endpoint>> make_command_endpoint(const surroundings& around,
                                                        const schema::aggregate_contract& contract,
                                                        const schema::command_type& command,
                                                        const schema::route& route) {
  command_route made{&contract, &command, route.entity, route.success, route.location, names_in(route.path)};
  for (const auto& name : names_in(route.location)) {
    const auto* field = command.parameters->find(name);
    if (std::ranges::find(made.parameters, name) == made.parameters.end() && !(field && field->generated) &&
        !(name == "id" && route.entity == schema::entity_source::generated))
      return failure(error_kind::invalid, "bad_route",
                     "the Location of " + command.name + " needs {" + name +
                         "}, which is neither in its path nor generated",
                     contract.name());
  }
  return std::unique_ptr<endpoint>(std::make_unique<command_endpoint>(around, std::move(made)));
}

std::unique_ptr<endpoint> make_any_command_endpoint(const surroundings& around) {
  return std::make_unique<any_command_endpoint>(around);
}

}  // namespace bv::http
