#include "protocols/schema/types.hpp"

#include <algorithm>

#include "protocols/schema/nearest.hpp"

namespace bv::schema {

const field* struct_type::find(std::string_view name) const {
  for (const auto& one : fields_)
    if (one.name == name) return &one;
  return nullptr;
}

const field* struct_type::find_shown(std::string_view name) const {
  const auto* found = find(name);
  return found && !found->internal ? found : nullptr;
}

std::string_view struct_type::nearest(std::string_view name) const {
  std::vector<std::string_view> names;
  for (const auto& one : fields_)
    if (!one.internal && !one.generated) names.push_back(one.name);
  return nearest_name(name, names);
}

}  // namespace bv::schema
