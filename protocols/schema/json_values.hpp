#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "protocols/schema/base/bytes.hpp"
#include "protocols/schema/base/result.hpp"
#include "protocols/schema/json_tape.hpp"
#include "protocols/schema/types.hpp"

namespace bv::schema {

// One JSON value as one value of a contract, with the limits of its field. The errors' context is empty: the caller
// knows the path.

/// Bits of an inline value (see wire_layout.hpp), not yet xored with the default.
result<std::uint64_t> read_inline(const field& of, kind as, const json_node& node);

/// A Text, within its limits. The view is the node's.
result<std::string_view> read_text(const field& of, const json_node& node);
result<bytes> read_data(const field& of, const json_node& node);

/// Limits of a Text or List, by its length.
result<void> check_length(const field& of, std::size_t length);

/// Text that is no JSON (a path segment, a query string's value) as the node that JSON would have made of it.
result<json_node> node_from_text(const field& of, std::string_view text);

/// Whether both would set a field to the same value; false for arrays and objects.
bool same_scalar(const json_node& a, const json_node& b);

error wrong_type(std::string_view expected, const json_node& found);

}  // namespace bv::schema
