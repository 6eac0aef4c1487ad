#include "protocols/schema/openapi_types.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <cstring>
#include <limits>

#include "protocols/schema/base/assert.hpp"
#include "protocols/schema/wire_layout.hpp"

namespace bv::schema {
namespace {

namespace json = boost::json;

struct integer_range {
  const char* format;
  json::value minimum, maximum;
};

template <class Number>
integer_range integers_as(const char* format) {
  return {format, std::numeric_limits<Number>::min(), std::numeric_limits<Number>::max()};
}

integer_range integers_of(kind of) {
  switch (of) {
    case kind::int8: return integers_as<std::int8_t>("int32");
    case kind::int16: return integers_as<std::int16_t>("int32");
    case kind::int32: return integers_as<std::int32_t>("int32");
    case kind::uint8: return integers_as<std::uint8_t>("int32");
    case kind::uint16: return integers_as<std::uint16_t>("int32");
    case kind::uint32: return integers_as<std::uint32_t>("int64");
    case kind::uint64: return integers_as<std::uint64_t>("int64");
    default: return integers_as<std::int64_t>("int64");
  }
}

/// A text's limits are in bytes, JSON Schema's in characters, each of which has one to four.
void add_text_limits(const limits& bounds, json::object& schema) {
  if (bounds.min_length) schema["minLength"] = (*bounds.min_length + 3) / 4;
  if (bounds.max_length) schema["maxLength"] = *bounds.max_length;
  if (bounds.matches) schema["pattern"] = "^(?:" + bounds.matches->expression() + ")$";
}

json::object integer_schema(const field& of, kind as) {
  const auto range = integers_of(as);
  json::object schema{{"type", "integer"}, {"format", range.format}};
  schema["minimum"] = of.bounds.min ? json::value(*of.bounds.min) : range.minimum;
  schema["maximum"] = of.bounds.max ? json::value(*of.bounds.max) : range.maximum;
  return schema;
}

json::value default_of(const field& of) {
  if (of.of == kind::boolean) return of.default_bits != 0;
  if (of.of == kind::enumeration) return json::value(json::string(of.enumeration->values[of.default_bits]));
  if (is_unsigned(of.of)) return of.default_bits;
  if (is_integer(of.of)) return as_signed(of.of, of.default_bits);
  if (of.of == kind::float32) {
    float number = 0;
    std::memcpy(&number, &of.default_bits, sizeof(number));
    return number;
  }
  double number = 0;
  std::memcpy(&number, &of.default_bits, sizeof(number));
  return number;
}

bool contains(std::span<const std::string> names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::string component_name(const struct_type& type) {
  constexpr std::string_view folder = "protocols/schema/", extension = ".capnp";
  auto name = type.home();
  if (name.starts_with(folder)) name.erase(0, folder.size());
  if (name.ends_with(extension)) name.resize(name.size() - extension.size());
  std::replace(name.begin(), name.end(), '/', '.');
  return name + "." + type.name();
}

json::value example_of(const field& of) {
  json::error_code wrong;
  auto value = json::parse(of.example, wrong);
  BV_ASSERT(!wrong, "an $example in a contract is no JSON value");
  return value;
}

json::object component_schemas::reference(const struct_type& type, bool closed) {
  const auto name = component_name(type);
  if (!all_.contains(name)) {
    all_[name] = nullptr;  // holds the place, should the type come up again meanwhile
    auto schema = struct_schema(type, {});
    if (closed && !type.is_union()) schema["additionalProperties"] = false;
    all_[name] = std::move(schema);
  }
  return {{"$ref", "#/components/schemas/" + name}};
}

json::object component_schemas::value_schema(const field& of, kind as) {
  switch (as) {
    case kind::boolean: return {{"type", "boolean"}};
    case kind::float32: return {{"type", "number"}, {"format", "float"}};
    case kind::float64: return {{"type", "number"}, {"format", "double"}};
    case kind::data: return {{"type", "string"}, {"contentEncoding", "base64"}};
    case kind::structure: return reference(*of.structure);
    case kind::enumeration:
      return {{"type", "string"}, {"enum", json::array(of.enumeration->values.begin(), of.enumeration->values.end())}};
    case kind::list: {
      json::object schema{{"type", "array"}, {"items", value_schema(of, of.element)}};
      if (of.bounds.min_length) schema["minItems"] = *of.bounds.min_length;
      if (of.bounds.max_length) schema["maxItems"] = *of.bounds.max_length;
      return schema;
    }
    case kind::text: {
      json::object schema{{"type", "string"}};
      if (of.of == kind::text) add_text_limits(of.bounds, schema);
      return schema;
    }
    default: break;
  }
  if (of.instant) return {{"type", "string"}, {"format", "date-time"}};
  return integer_schema(of, as);
}

json::object component_schemas::field_schema(const field& of) {
  auto schema = value_schema(of, of.of);
  auto description = of.doc;
  if (!of.key.empty()) description += (description.empty() ? "" : " ") + std::string("Elements differ in ") + of.key + ".";
  if (!description.empty()) schema["description"] = description;
  if (!of.example.empty()) schema["examples"] = json::array{example_of(of)};
  if (is_inline(of.of) && !of.instant && !of.required) schema["default"] = default_of(of);
  if (of.generated) schema["readOnly"] = true;
  return schema;
}

json::object component_schemas::struct_schema(const struct_type& type, std::span<const std::string> left_out) {
  json::object schema;
  if (!type.doc().empty()) schema["description"] = type.doc();
  if (type.is_union()) {
    json::array members;
    for (const auto& member : type.fields())
      members.push_back(json::object{{"type", "object"},
                                     {"properties", json::object{{member.name, field_schema(member)}}},
                                     {"required", json::array{json::string(member.name)}},
                                     {"additionalProperties", false}});
    schema["oneOf"] = std::move(members);
    return schema;
  }
  schema["type"] = "object";
  json::object properties;
  json::array required;
  for (const auto& member : type.fields()) {
    if (member.internal || contains(left_out, member.name)) continue;
    properties[member.name] = field_schema(member);
    if (member.required) required.push_back(json::string(member.name));
  }
  schema["properties"] = std::move(properties);
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

json::object component_schemas::body_schema(const struct_type& type, std::span<const std::string> given_by_path) {
  const bool any_given = std::any_of(type.fields().begin(), type.fields().end(),
                                     [&](const field& of) { return contains(given_by_path, of.name); });
  if (!any_given) return reference(type, true);
  auto schema = struct_schema(type, given_by_path);
  schema["additionalProperties"] = false;
  return schema;
}

}  // namespace bv::schema
