#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/schema/validation.hpp"

namespace bv::schema {

// The types of a contract as data: what JSON, OpenAPI, the REPL and every other protocol read instead of knowing
// an aggregate by name. Resolved once from Cap'n Proto's schemas, so that no look-up of an annotation happens
// when a request comes. Immutable; threads: any.

enum class kind : std::uint8_t {
  boolean, int8, int16, int32, int64, uint8, uint16, uint32, uint64, float32, float64,
  text, data, enumeration, structure, list
};

inline bool is_integer(kind of) { return of >= kind::int8 && of <= kind::uint64; }
inline bool is_unsigned(kind of) { return of >= kind::uint8 && of <= kind::uint64; }
inline bool is_real(kind of) { return of == kind::float32 || of == kind::float64; }
/// Whether values lie in a struct's data section, not behind a pointer.
inline bool is_inline(kind of) { return of <= kind::float64 || of == kind::enumeration; }

struct enum_type {
  std::string name;
  std::vector<std::string> values;  ///< by ordinal
};

struct limits {
  std::optional<std::int64_t> min, max;
  std::optional<std::uint32_t> min_length, max_length;  ///< bytes of a text, elements of a list
  std::shared_ptr<const pattern> matches;               ///< null: anything
};

class struct_type;

struct field {
  std::string name;     ///< in the schema and in JSON: unitPrice
  std::string doc;      ///< empty if it says none
  std::string example;  ///< a JSON value, or empty
  kind of = kind::boolean;
  kind element = kind::boolean;             ///< of a list
  const struct_type* structure = nullptr;   ///< of a struct, or of a list's elements
  const enum_type* enumeration = nullptr;   ///< of an enum, or of a list's elements
  std::uint32_t ordinal = 0;                ///< place in the struct or union that declares it
  std::uint32_t slot = 0;                   ///< in the data section in units of its size (bits for a Bool), or the pointer's index
  std::uint64_t default_bits = 0;           ///< the wire holds an inline value xor this
  bool optional = false;   ///< may be absent
  bool instant = false;    ///< nanoseconds since 1970; RFC 3339 in JSON, left out if 0
  bool generated = false;  ///< the edge fills it; clients can't send it
  bool tombstone = false;  ///< of State: once true the entity is gone
  bool internal = false;   ///< of State: no protocol shows it. Of a command: no protocol offers it
  bool required = false;   ///< what it is if it is left out would break a limit
  std::string key;         ///< of a keyed list: the field in which its elements differ
  limits bounds;
};

/// A struct, or a struct that is just one unnamed union: then exactly one of the fields is there.
class struct_type {
 public:
  struct layout {
    std::uint16_t data_words = 0, pointers = 0;
    std::uint32_t discriminant = 0;  ///< of a union: place in the data section, in 16-bit units
  };

  struct_type(std::string name, std::string home, std::string doc, bool is_union, layout wire)
      : name_(std::move(name)), home_(std::move(home)), doc_(std::move(doc)), is_union_(is_union), wire_(wire) {}

  [[nodiscard]] const std::string& name() const { return name_; }
  /// The file that declares it: protocols/schema/commerce/cart.capnp.
  [[nodiscard]] const std::string& home() const { return home_; }
  [[nodiscard]] const std::string& doc() const { return doc_; }
  [[nodiscard]] bool is_union() const { return is_union_; }
  [[nodiscard]] const std::vector<field>& fields() const { return fields_; }
  [[nodiscard]] const layout& wire() const { return wire_; }
  /// Null if there is none of that name.
  [[nodiscard]] const field* find(std::string_view name) const;
  /// The field of that name that clients may know; null also for internal ones.
  [[nodiscard]] const field* find_shown(std::string_view name) const;
  /// The known name that is nearest to a misspelt one; empty if none is near.
  [[nodiscard]] std::string_view nearest(std::string_view name) const;

  /// Only for the one who builds it: fields are added after the struct so that types can refer to each other.
  void set_fields(std::vector<field> fields) { fields_ = std::move(fields); }

 private:
  std::string name_, home_, doc_;
  bool is_union_;
  layout wire_;
  std::vector<field> fields_;
};

/// Owns the types that refer to each other.
struct type_pool {
  std::vector<std::unique_ptr<struct_type>> structs;
  std::vector<std::unique_ptr<enum_type>> enums;
};

}  // namespace bv::schema
