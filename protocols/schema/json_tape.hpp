#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/schema/base/result.hpp"

namespace bv::schema {

/// How deep JSON from outside may nest.
inline constexpr std::size_t json_depth_max = 32;

/// One JSON value on a tape: its children, if any, follow it.
struct json_node {
  enum class type : std::uint8_t { null, boolean, integer, natural, real, text, array, object };
  type of = type::null;
  bool truth = false;
  std::uint32_t span = 1;       ///< nodes that the value takes, itself included
  std::uint32_t children = 0;
  std::string_view key;         ///< if the parent is an object
  std::string_view text;        ///< of a text, unescaped; of a real, as it was written
  std::int64_t integer = 0;     ///< if it fits
  std::uint64_t natural = 0;    ///< an integer that only fits without a sign
  double real = 0;
};

/// Of an array or object that has children. There are `children` of them.
inline const json_node* first_child(const json_node& node) { return &node + 1; }
inline const json_node* next_sibling(const json_node& node) { return &node + node.span; }

/// A parsed JSON document, flat and in the order of the text; repeated keys are all there, so that the reader can
/// refuse them. Owns the characters that its nodes refer to.
class json_tape {
 public:
  /// Errors (kind invalid): `malformed_json`, `too_deep`, `not_utf8`, `number_out_of_range`; the context is
  /// "line 3, column 14 (byte 40)". The text must be shorter than 4 GiB.
  static result<json_tape> parse(std::string_view text);

  [[nodiscard]] const json_node& root() const { return nodes_.front(); }

  json_tape(json_tape&&) = default;
  json_tape& operator=(json_tape&&) = default;

 private:
  friend struct tape_handler;
  json_tape() = default;
  std::vector<json_node> nodes_;
  // Unescaped characters are never more than the text's own, so that this is reserved once and the views stay.
  std::vector<char> characters_;
};

/// "an object", "a string", …, as error messages name what they found.
std::string_view describe(json_node::type type);

}  // namespace bv::schema
