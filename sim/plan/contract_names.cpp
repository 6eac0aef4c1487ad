#include "sim/plan/contract_names.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include "sim/plan/table_reader.hpp"

namespace bv::sim {
namespace {

tl::unexpected<error> wrong(std::string code, std::string what) {
  return failure(error_kind::invalid, std::move(code), std::move(what));
}

template <class List>
std::vector<std::string_view> names_of(const List& all) {
  std::vector<std::string_view> out;
  for (const auto& each : all) out.push_back(each.name);
  return out;
}

result<const schema::aggregate_contract*> find_type(std::string_view name, contract_list contracts, const char* code) {
  std::vector<std::string_view> known;
  for (const auto* each : contracts) {
    if (each->name() == name) return each;
    known.push_back(each->name());
  }
  return wrong(code, "there is no aggregate " + in_quotes(name) + "; " + suggestion(name, known));
}

bool is_number(std::string_view text) {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, fault] = std::from_chars(text.data(), end, number);
  return fault == std::errc{} && stopped == end;
}

}  // namespace

result<named_entity> find_entity(std::string_view text, contract_list contracts) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos)
    return wrong("plan_entity", in_quotes(text) + " names no entity; one is type/id, as \"cart/ada\"");
  named_entity found;
  BV_ASSIGN(found.type, find_type(text.substr(0, slash), contracts, "plan_entity"));
  auto key = entity_key::make(entity_key::default_tenant, text.substr(0, slash), text.substr(slash + 1));
  if (!key) return wrong("plan_entity", in_quotes(text) + ": " + key.error().message);
  found.key = std::move(*key);
  return found;
}

result<const schema::event_type*> find_event(std::string_view text, contract_list contracts) {
  const auto dot = text.find('.');
  if (dot == std::string_view::npos)
    return wrong("plan_event", in_quotes(text) + " names no event; one is aggregate.event, as \"order.placed\"");
  BV_ASSIGN(const auto* type, find_type(text.substr(0, dot), contracts, "plan_event"));
  const auto name = text.substr(dot + 1);
  for (const auto& each : type->events())
    if (each.name == name) return &each;
  return wrong("plan_event", type->name() + " has no event " + in_quotes(name) + "; " +
                                 suggestion(name, names_of(type->events())));
}

result<const schema::command_type*> find_command(const schema::aggregate_contract& type, std::string_view name) {
  if (const auto* found = type.find_command(name)) return found;
  return wrong("plan_command", type.name() + " has no command " + in_quotes(name) + "; " +
                                   suggestion(name, names_of(type.commands())));
}

result<named_field> find_field(const schema::struct_type& in, std::string_view path) {
  const auto dot = path.find('.');
  const auto name = path.substr(0, dot);
  const auto* field = in.find_shown(name);
  if (field == nullptr) {
    std::vector<std::string_view> known;
    for (const auto& each : in.fields())
      if (!each.internal) known.push_back(each.name);
    return wrong("plan_path", in.name() + " has no field " + in_quotes(name) + "; " + suggestion(name, known));
  }
  auto rest = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
  auto of = field->of;
  if (of == schema::kind::list) {
    if (rest.empty()) return named_field{schema::kind::list, nullptr};
    const auto next = rest.find('.');
    if (!is_number(rest.substr(0, next)))
      return wrong("plan_path", in_quotes(name) + " is a list; say which element, as \"" + std::string(name) + ".0\"");
    rest = next == std::string_view::npos ? std::string_view() : rest.substr(next + 1);
    of = field->element;
  }
  if (of == schema::kind::structure) {
    if (!rest.empty()) return find_field(*field->structure, rest);
    return wrong("plan_path", in_quotes(name) + " is made of fields; say which, as \"" + std::string(path) + "." +
                                  field->structure->fields().front().name + "\"");
  }
  if (!rest.empty()) return wrong("plan_path", in_quotes(name) + " has no fields in it");
  return named_field{of, field->enumeration};
}

result<void> check_value(const named_field& field, std::string_view value) {
  if (field.enumeration != nullptr) {
    const auto& all = field.enumeration->values;
    if (std::ranges::find(all, value) != all.end()) return {};
    const std::vector<std::string_view> known(all.begin(), all.end());
    return wrong("plan_value", field.enumeration->name + " has no value " + in_quotes(value) + "; " + suggestion(value, known));
  }
  if (field.of == schema::kind::list && value != "[]")
    return wrong("plan_value", "of a whole list only \"[]\", that it is empty, can be said; name an element's field");
  if (field.of == schema::kind::boolean && value != "true" && value != "false")
    return wrong("plan_value", in_quotes(value) + " is neither true nor false");
  if (schema::is_integer(field.of) && !is_number(value.starts_with("-") ? value.substr(1) : value))
    return wrong("plan_value", in_quotes(value) + " is no whole number");
  return {};
}

}  // namespace bv::sim
