#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocols/schema/base/bytes.hpp"
#include "protocols/schema/base/result.hpp"
#include "protocols/schema/contract.hpp"

namespace bv::schema {

// JSON ⇄ Cap'n Proto messages for any struct of a contract, by its reflection data.
//
// JSON names are the schema's. 64-bit integers are numbers, instants RFC 3339 strings, enums their names, Data
// base64, a union an object with the one member's name. Absent optionals, instants that are 0, and internal fields
// are left out. What a request leaves out has the schema's default.
//
// Errors are of kind invalid; the context is the path (`lines[3].sku`) or, if the text is no JSON, the place in it:
//   malformed_json, too_deep, not_utf8           the text itself
//   wrong_type, unknown_value                    the message names what was expected
//   unknown_field, duplicate_field, duplicate_key, missing_field, generated_field, conflicting_field
//   number_out_of_range, not_an_integer, bad_timestamp, bad_base64, bad_boolean
//   below_min, above_max, too_short, too_long, pattern_mismatch     a limit of the contract
// and of kind too_large: message_too_large.

/// The largest message that JSON is turned into; JSON itself is bounded by whoever reads it.
inline constexpr std::size_t message_size_bytes_max = std::size_t{8} << 20;

/// A message under construction: a body in JSON, with fields that come from elsewhere (segments of the path, the
/// query string). finish() puts them together and checks the limits. The bytes are those of the generated encode()
/// for the same value, however the JSON was ordered.
class message_draft {
 public:
  /// For a struct: the parameters of a query.
  explicit message_draft(const struct_type& type);
  /// For a member of the Command union.
  message_draft(const aggregate_contract& contract, const command_type& command);

  /// Takes the JSON object of the body; at most once. An empty or blank text is an object without fields.
  /// `body` must live until finish().
  void set_body(std::string_view body) { body_ = body; }

  // The texts below must live until finish(), too.

  /// A field that the path or the query string gives, as text: numbers in decimal, `true` or `false`, an enum's
  /// name, an RFC 3339 time. Each element of a list is set on its own. finish() reports what is wrong with it.
  void set_from_text(std::string_view field, std::string_view text) { given_.push_back({field, text, false}); }

  /// Fills a $generated field.
  void set_generated(std::string_view field, std::string_view text) { given_.push_back({field, text, true}); }

  /// A field that both the body and the path give must have the same value in both: else `conflicting_field`.
  [[nodiscard]] result<bytes> finish() const;

  struct given_field {
    std::string_view name, text;
    bool generated;
  };

 private:
  const struct_type* root_;
  const struct_type* type_;
  const field* member_ = nullptr;
  std::string_view body_;
  std::vector<given_field> given_;
};

/// A JSON object as a message.
result<bytes> to_message(const struct_type& type, std::string_view json);

/// A message as a JSON object. Errors: `malformed_message`.
result<std::string> to_json(const struct_type& type, bytes_view message);
result<void> append_json(std::string& out, const struct_type& type, bytes_view message);

/// A message whose root is a union: the JSON of its member, without the member's name. Errors also: `unknown_member`
/// if the message holds another member than `ordinal`.
result<void> append_member_json(std::string& out, const struct_type& root, std::uint16_t ordinal, bytes_view message);

/// The text as a JSON string, quotes included. Bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

}  // namespace bv::schema
