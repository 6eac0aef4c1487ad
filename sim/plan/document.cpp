#include "sim/plan/document.hpp"

#include <algorithm>
#include <toml++/toml.h>

namespace bv::sim {
namespace {

place place_of(const toml::source_region& region) {
  return {static_cast<std::uint32_t>(region.begin.line), static_cast<std::uint32_t>(region.begin.column)};
}

value to_value(const toml::node& node, std::vector<problem>& problems) {
  const auto where = place_of(node.source());
  if (const auto* flag = node.as_boolean()) return {flag->get(), where};
  if (const auto* number = node.as_integer()) return {number->get(), where};
  if (const auto* real = node.as_floating_point()) return {real->get(), where};
  if (const auto* text = node.as_string()) return {text->get(), where};
  if (const auto* list = node.as_array()) {
    std::vector<value> elements;
    for (const auto& each : *list) elements.push_back(to_value(each, problems));
    return {std::move(elements), where};
  }
  if (const auto* members = node.as_table()) {
    table made;
    for (const auto& [key, each] : *members)
      made.members.push_back({std::string(key.str()), place_of(key.source()), to_value(each, problems)});
    return {std::move(made), where};
  }
  problems.push_back({where, "dates and times have no meaning here; durations are text, as \"5s\""});
  return {std::string(), where};
}

}  // namespace

const member* table::find(std::string_view key) const {
  const auto found = std::lower_bound(members.begin(), members.end(), key,
                                      [](const member& each, std::string_view wanted) { return each.key < wanted; });
  return found != members.end() && found->key == key ? &*found : nullptr;
}

document parse_document(std::string_view text, const std::string& file) {
  document made;
  made.root.is = table{};
  try {
    made.root = to_value(toml::parse(text, file), made.problems);
  } catch (const toml::parse_error& fault) {
    made.problems.push_back({place_of(fault.source()), std::string(fault.description())});
  }
  return made;
}

}  // namespace bv::sim
