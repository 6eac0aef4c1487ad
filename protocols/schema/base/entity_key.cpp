#include "protocols/schema/base/entity_key.hpp"

#include "protocols/schema/base/assert.hpp"

namespace bv {
namespace {

bool allowed(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
         c == ':' || c == '~' || c == '-';
}

result<void> check_part(std::string_view name, std::string_view part) {
  if (part.empty() || part.size() > entity_key::part_size_max)
    return failure(error_kind::invalid, "bad_address",
                   std::string(name) + " must have 1 to 128 characters, it has " + std::to_string(part.size()),
                   std::string(name));
  for (const char c : part)
    if (!allowed(c))
      return failure(error_kind::invalid, "bad_address",
                     std::string(name) + " may hold letters, digits and . _ : ~ - only", std::string(name));
  return {};
}

std::string join(std::string_view tenant, std::string_view type, std::string_view id) {
  std::string text;
  text.reserve(tenant.size() + type.size() + id.size() + 2);
  text.append(tenant).append(1, '/').append(type).append(1, '/').append(id);
  return text;
}

}  // namespace

result<entity_key> entity_key::make(std::string_view tenant, std::string_view type, std::string_view id) {
  BV_TRY(check_part("tenant", tenant));
  BV_TRY(check_part("type", type));
  BV_TRY(check_part("id", id));
  return entity_key(join(tenant, type, id));
}

entity_key entity_key::trusted(std::string_view tenant, std::string_view type, std::string_view id) {
  auto key = make(tenant, type, id);
  BV_ASSERT(key.has_value(), "a trusted address is malformed");
  return *std::move(key);
}

result<entity_key> entity_key::parse(std::string_view canonical) {
  const auto first = canonical.find('/');
  const auto second = first == canonical.npos ? first : canonical.find('/', first + 1);
  if (second == canonical.npos)
    return failure(error_kind::invalid, "bad_address",
                   "'" + std::string(canonical) + "' is not of the form tenant/type/id");
  return make(canonical.substr(0, first), canonical.substr(first + 1, second - first - 1),
              canonical.substr(second + 1));
}

std::string_view entity_key::tenant() const {
  return std::string_view(text_).substr(0, text_.find('/'));
}

std::string_view entity_key::type() const {
  const auto rest = type_and_id();
  return rest.substr(0, rest.find('/'));
}

std::string_view entity_key::id() const {
  const auto rest = type_and_id();
  const auto slash = rest.find('/');
  return slash == rest.npos ? rest.substr(rest.size()) : rest.substr(slash + 1);
}

std::string_view entity_key::type_and_id() const {
  const std::string_view all = text_;
  const auto slash = all.find('/');
  return slash == all.npos ? all : all.substr(slash + 1);
}

}  // namespace bv
