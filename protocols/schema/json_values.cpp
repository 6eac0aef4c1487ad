#include "protocols/schema/json_values.hpp"

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "protocols/schema/base/time.hpp"
#include "protocols/schema/base64.hpp"
#include "protocols/schema/nearest.hpp"

namespace bv::schema {
namespace {

using type = json_node::type;

struct range {
  std::int64_t least;
  std::uint64_t most;
};

template <class Number>
constexpr range range_of = {std::numeric_limits<Number>::min(), std::numeric_limits<Number>::max()};

range range_for(kind of) {
  switch (of) {
    case kind::int8: return range_of<std::int8_t>;
    case kind::int16: return range_of<std::int16_t>;
    case kind::int32: return range_of<std::int32_t>;
    case kind::uint8: return range_of<std::uint8_t>;
    case kind::uint16: return range_of<std::uint16_t>;
    case kind::uint32: return range_of<std::uint32_t>;
    case kind::uint64: return range_of<std::uint64_t>;
    default: return range_of<std::int64_t>;
  }
}

error invalid(std::string code, std::string message) {
  return {error_kind::invalid, std::move(code), std::move(message)};
}

error out_of_range(kind of) {
  const auto [least, most] = range_for(of);
  return invalid("number_out_of_range",
                 "must be between " + std::to_string(least) + " and " + std::to_string(most));
}

/// An integer as sign and magnitude, wide enough for both 64-bit kinds.
struct whole {
  bool negative = false;
  std::uint64_t magnitude = 0;
};

result<whole> read_whole(kind of, const json_node& node) {
  switch (node.of) {
    case type::integer:
      if (node.integer >= 0) return whole{false, static_cast<std::uint64_t>(node.integer)};
      return whole{true, 0 - static_cast<std::uint64_t>(node.integer)};
    case type::natural: return whole{false, node.natural};
    case type::real: {
      // 2.0 and 1e3 are integers; JSON does not tell them from 2 and 1000.
      constexpr double too_far = 18446744073709551616.0;  // 2^64
      if (std::isfinite(node.real) && std::trunc(node.real) != node.real)
        return failure(error_kind::invalid, "not_an_integer", "must be a whole number");
      if (!(std::fabs(node.real) < too_far)) return failure(out_of_range(of));
      return whole{node.real < 0, static_cast<std::uint64_t>(std::fabs(node.real))};
    }
    default: return failure(wrong_type("an integer", node));
  }
}

result<std::uint64_t> read_integer(const field& of, kind as, const json_node& node) {
  BV_ASSIGN(const auto number, read_whole(as, node));
  const auto [least, most] = range_for(as);
  const bool fits = number.negative ? least < 0 && number.magnitude <= 0 - static_cast<std::uint64_t>(least)
                                    : number.magnitude <= most;
  if (!fits) return failure(out_of_range(as));
  const std::uint64_t bits = number.negative ? 0 - number.magnitude : number.magnitude;
  const auto shown = [&] { return (number.negative ? "-" : "") + std::to_string(number.magnitude); };
  const bool past_signed = !number.negative && number.magnitude > range_of<std::int64_t>.most;
  const auto value = static_cast<std::int64_t>(bits);
  if (of.bounds.min && !past_signed && value < *of.bounds.min) return below_min("", *of.bounds.min, shown());
  if (of.bounds.max && (past_signed || value > *of.bounds.max)) return above_max("", *of.bounds.max, shown());
  return bits;
}

result<std::uint64_t> read_instant(const json_node& node) {
  if (node.of != type::text) return failure(wrong_type("a time such as \"2026-11-21T08:00:00Z\"", node));
  BV_ASSIGN(const auto moment, parse_rfc3339(node.text));
  return static_cast<std::uint64_t>(moment.ns);
}

result<std::uint64_t> read_enum(const enum_type& of, const json_node& node) {
  if (node.of != type::text) return failure(wrong_type("one of the names of " + of.name, node));
  for (std::size_t i = 0; i < of.values.size(); ++i)
    if (of.values[i] == node.text) return i;
  std::string known;
  for (const auto& value : of.values) known += (known.empty() ? "" : ", ") + value;
  return failure(invalid("unknown_value", "must be one of " + known));
}

result<std::uint64_t> read_real(kind as, const json_node& node) {
  double number = 0;
  switch (node.of) {
    case type::integer: number = static_cast<double>(node.integer); break;
    case type::natural: number = static_cast<double>(node.natural); break;
    case type::real: number = node.real; break;
    default: return failure(wrong_type("a number", node));
  }
  std::uint64_t bits = 0;
  const auto narrow = static_cast<float>(number);
  if (as == kind::float32 ? !std::isfinite(narrow) : !std::isfinite(number))
    return failure(invalid("number_out_of_range", "is too large to be held"));
  if (as == kind::float32)
    std::memcpy(&bits, &narrow, sizeof(narrow));
  else
    std::memcpy(&bits, &number, sizeof(number));
  return bits;
}

template <class Number>
bool parse_all(std::string_view text, Number& number) {
  const auto end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  return read.ec == std::errc{} && read.ptr == end;
}

result<json_node> number_from_text(kind as, std::string_view text) {
  json_node node;
  if (parse_all(text, node.integer)) {
    node.of = type::integer;
  } else if (parse_all(text, node.natural)) {
    node.of = type::natural;
  } else if (parse_all(text, node.real)) {
    node.of = type::real;
  } else if (!text.empty() && text.find_first_not_of("0123456789", text.front() == '-' ? 1 : 0) == text.npos &&
             text != "-") {
    return failure(is_integer(as) ? out_of_range(as) : invalid("number_out_of_range", "is too large to be held"));
  } else {
    return failure(invalid("wrong_type", is_integer(as) ? "must be an integer" : "must be a number"));
  }
  return node;
}

}  // namespace

error wrong_type(std::string_view expected, const json_node& found) {
  return invalid("wrong_type", "must be " + std::string(expected) + ", it is " + std::string(describe(found.of)));
}

result<std::uint64_t> read_inline(const field& of, kind as, const json_node& node) {
  if (as == kind::boolean) {
    if (node.of != type::boolean) return failure(wrong_type("a boolean", node));
    return node.truth ? 1 : 0;
  }
  if (as == kind::enumeration) return read_enum(*of.enumeration, node);
  if (is_real(as)) return read_real(as, node);
  if (of.instant) return read_instant(node);
  return read_integer(of, as, node);
}

result<void> check_length(const field& of, std::size_t length) {
  const std::string_view unit = of.of == kind::list ? "elements" : "bytes";
  if (of.bounds.max_length && length > *of.bounds.max_length) return too_long("", *of.bounds.max_length, length, unit);
  if (of.bounds.min_length && length < *of.bounds.min_length) return too_short("", *of.bounds.min_length, length, unit);
  return {};
}

result<std::string_view> read_text(const field& of, const json_node& node) {
  if (node.of != type::text) return failure(wrong_type("a string", node));
  if (of.of == kind::text) {  // limits on a list are about the list
    BV_TRY(check_length(of, node.text.size()));
    if (of.bounds.matches) BV_TRY(of.bounds.matches->check("", node.text));
  }
  return node.text;
}

result<bytes> read_data(const field& of, const json_node& node) {
  if (node.of != type::text) return failure(wrong_type("base64 in a string", node));
  bytes data;
  if (!from_base64(node.text, data)) return failure(invalid("bad_base64", "must be base64 (RFC 4648, padded)"));
  if (of.of == kind::data) BV_TRY(check_length(of, data.size()));
  return data;
}

result<json_node> node_from_text(const field& of, std::string_view text) {
  const auto as = of.of == kind::list ? of.element : of.of;
  json_node node;
  if (as == kind::structure) return failure(invalid("wrong_type", "is a struct: it can be given in a JSON body only"));
  if (as == kind::boolean) {
    if (text != "true" && text != "false") return failure(invalid("wrong_type", "must be true or false"));
    node.of = type::boolean;
    node.truth = text == "true";
    return node;
  }
  if ((is_integer(as) && !of.instant) || is_real(as)) return number_from_text(as, text);
  if (!is_utf8(text)) return not_utf8("");
  node.of = type::text;
  node.text = text;
  return node;
}

bool same_scalar(const json_node& a, const json_node& b) {
  if (a.of != b.of) return false;
  switch (a.of) {
    case type::null: return true;
    case type::boolean: return a.truth == b.truth;
    case type::integer: return a.integer == b.integer;
    case type::natural: return a.natural == b.natural;
    case type::real: return a.real == b.real;
    case type::text: return a.text == b.text;
    default: return false;
  }
}

}  // namespace bv::schema
