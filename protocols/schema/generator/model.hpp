#pragma once

#include <capnp/schema.capnp.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bv::generator {

// What the generator needs to know of the requested files, in the words of C++.

struct limits {
  std::optional<std::int64_t> min, max;
  std::optional<std::uint32_t> min_length, max_length;
  std::optional<std::string> pattern;
};

enum class kind { boolean, integer, floating, text, data, enumeration, structure, list };

struct type {
  kind of = kind::integer;
  std::string cpp;         ///< value type, fully qualified
  std::string wire;        ///< the type that Cap'n Proto's own generator made, for enums and structs
  bool is_unsigned = false;
  bool instant = false;
  std::vector<type> element;  ///< one, of a list
  std::string key;         ///< of a keyed list: the C++ name of the element's key
};

struct field {
  std::string name;        ///< in the schema: unitPrice
  std::string cpp;         ///< unit_price
  std::string accessor;    ///< UnitPrice, as in getUnitPrice()
  std::string union_case;  ///< UNIT_PRICE, if it is a member of a union
  type of;
  bool optional = false;
  std::string initial;     ///< C++ expression of an explicit default; empty for zero
  limits bounds;
};

struct structure {
  std::string name;  ///< in the schema
  std::string cpp;   ///< short
  std::string wire;  ///< fully qualified
  bool is_union = false;
  bool is_query = false;
  std::string answer;  ///< wire type of a query's answer
  std::vector<field> fields;
};

struct enumeration {
  std::string name, cpp, wire;
  std::vector<std::pair<std::string, std::string>> values;  ///< schema name, C++ name
};

struct file {
  std::string path;       ///< protocols/schema/commerce/cart.capnp
  std::string cpp_space;  ///< bv::commerce::cart
  std::vector<std::string> imports;  ///< paths of imported contracts that have value types
  std::vector<enumeration> enums;
  std::vector<structure> structs;  ///< each after those that it holds
  bool is_aggregate = false;
  std::string name, domain;            ///< of the aggregate
  std::uint32_t snapshot_every = 0, retain_days = 0;
};

/// Reads one requested file. Throws std::runtime_error with the place and the reason if the schema uses what a
/// contract can't.
file read_file(capnp::schema::CodeGeneratorRequest::RequestedFile::Reader requested,
               const std::vector<capnp::schema::Node::Reader>& nodes);

std::string snake_case(std::string_view camel);

}  // namespace bv::generator
