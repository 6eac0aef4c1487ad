#include "protocols/schema/base/result.hpp"

#include <array>
#include <utility>

namespace bv {
namespace {

constexpr std::array<std::pair<error_kind, std::string_view>, 11> kind_names{{
    {error_kind::invalid, "invalid"},
    {error_kind::unauthenticated, "unauthenticated"},
    {error_kind::forbidden, "forbidden"},
    {error_kind::not_found, "not_found"},
    {error_kind::conflict, "conflict"},
    {error_kind::precondition_failed, "precondition_failed"},
    {error_kind::too_large, "too_large"},
    {error_kind::overloaded, "overloaded"},
    {error_kind::unavailable, "unavailable"},
    {error_kind::timeout, "timeout"},
    {error_kind::internal, "internal"},
}};

}  // namespace

std::string_view to_string(error_kind kind) {
  for (const auto& [known, name] : kind_names)
    if (known == kind) return name;
  return "internal";
}

error_kind error_kind_from(std::string_view name) {
  for (const auto& [kind, known] : kind_names)
    if (known == name) return kind;
  return error_kind::internal;
}

std::string describe(const error& failure) {
  std::string line = failure.code + ": " + failure.message;
  if (!failure.context.empty()) line += " (" + failure.context + ")";
  return line;
}

}  // namespace bv
