#include "sim/plan/command_body.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>
#include <vector>

#include "protocols/schema/json.hpp"

namespace bv::sim {
namespace {

using made_up_fields = std::vector<std::pair<std::string, std::string>>;

/// Takes the fields that a server would make up out of the body.
result<made_up_fields> take_made_up(const schema::struct_type& parameters, std::string& body) {
  made_up_fields taken;
  if (std::ranges::none_of(parameters.fields(), &schema::field::generated)) return taken;
  boost::system::error_code fault;
  auto whole = boost::json::parse(body, fault);
  if (fault || !whole.is_object())
    return failure(error_kind::invalid, "malformed_json", "the body must be a JSON object");
  auto& fields = whole.as_object();
  for (const auto& field : parameters.fields()) {
    if (!field.generated) continue;
    const auto found = fields.find(field.name);
    if (found == fields.end()) continue;
    if (!found->value().is_string())
      return failure(error_kind::invalid, "wrong_type", "must be text in quotes", field.name);
    taken.emplace_back(field.name, std::string(found->value().as_string()));
    fields.erase(found);
  }
  body = boost::json::serialize(whole);
  return taken;
}

}  // namespace

result<bytes> encode_command(const schema::aggregate_contract& contract, const schema::command_type& command,
                             const std::string& body) {
  auto rest = body;
  BV_ASSIGN(const auto made_up, take_made_up(*command.parameters, rest));
  schema::message_draft draft(contract, command);
  draft.set_body(rest);
  for (const auto& [name, text] : made_up) draft.set_generated(name, text);
  return draft.finish();
}

}  // namespace bv::sim
