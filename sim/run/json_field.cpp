#include "sim/run/json_field.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace bv::sim {
namespace {

std::string text_of(const boost::json::value& value) {
  return value.is_string() ? std::string(value.as_string()) : boost::json::serialize(value);
}

}  // namespace

std::optional<std::string> json_field(const std::string& json, std::string path) {
  std::ranges::replace(path, '.', '/');
  boost::system::error_code problem;
  const auto whole = boost::json::parse(json, problem);
  if (problem) return std::nullopt;
  const auto* const found = whole.find_pointer("/" + path, problem);
  if (!found) return std::nullopt;
  return text_of(*found);
}

std::optional<std::string> take_json_field(std::string& json, const std::string& name) {
  boost::system::error_code problem;
  auto whole = boost::json::parse(json, problem);
  if (problem || !whole.is_object()) return std::nullopt;
  const auto found = whole.as_object().find(name);
  if (found == whole.as_object().end()) return std::nullopt;
  auto text = text_of(found->value());
  whole.as_object().erase(found);
  json = boost::json::serialize(whole);
  return text;
}

}  // namespace bv::sim
