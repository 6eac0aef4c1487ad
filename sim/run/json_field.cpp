#include "sim/run/json_field.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace bv::sim {

std::optional<std::string> json_field(const std::string& json, std::string path) {
  std::ranges::replace(path, '.', '/');
  boost::system::error_code problem;
  const auto whole = boost::json::parse(json, problem);
  if (problem) return std::nullopt;
  const auto* const found = whole.find_pointer("/" + path, problem);
  if (!found) return std::nullopt;
  return found->is_string() ? std::string(found->as_string()) : boost::json::serialize(*found);
}

}  // namespace bv::sim
