#pragma once

#include <boost/json/object.hpp>
#include <span>
#include <string>
#include <string_view>

#include "protocols/schema/types.hpp"

namespace bv::schema {

/// The types of contracts as JSON Schemas (draft 2020-12, which OpenAPI 3.1 uses) under #/components/schemas. Only
/// openapi*.cpp sees this header.
class component_schemas {
 public:
  /// {"$ref": …} to a struct's schema, which is added with all that it refers to. A `closed` one has no other
  /// members than the schema's: what the server accepts as a command.
  boost::json::object reference(const struct_type& type, bool closed = false);

  /// The schema of one field, its documentation and example included.
  boost::json::object field_schema(const field& of);

  /// A command's parameters without those that the path gives.
  boost::json::object body_schema(const struct_type& type, std::span<const std::string> given_by_path);

  void add(std::string_view name, boost::json::object schema) { all_[name] = std::move(schema); }
  boost::json::object take() { return std::move(all_); }

 private:
  boost::json::object struct_schema(const struct_type& type, std::span<const std::string> left_out);
  boost::json::object value_schema(const field& of, kind as);

  boost::json::object all_;
};

/// commerce.cart.AddItem: the file and the struct.
std::string component_name(const struct_type& type);

/// "examples" must be JSON; the contracts' tests see to it.
boost::json::value example_of(const field& of);

}  // namespace bv::schema
