#include "protocols/schema/json_tape.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <algorithm>
#include <charconv>

#include "protocols/schema/validation.hpp"

namespace bv::schema {

namespace json = boost::json;

/// What Boost.JSON's parser calls: puts nodes on the tape and remembers which containers are open.
struct tape_handler {
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);

  using error_code = json::error_code;
  using view = json::string_view;

  json_tape tape;
  std::vector<std::uint32_t> open;
  std::size_t text_start = 0;
  std::string_view key;
  bool in_text = false;

  explicit tape_handler(std::size_t size) {
    tape.characters_.reserve(size);
    tape.nodes_.reserve(16);
    open.reserve(json_depth_max);
  }

  json_node& add(json_node::type type) {
    if (!open.empty()) ++tape.nodes_[open.back()].children;
    auto& node = tape.nodes_.emplace_back();
    node.of = type;
    node.key = key;
    key = {};
    return node;
  }
  void begin(json_node::type type) {
    add(type);
    open.push_back(static_cast<std::uint32_t>(tape.nodes_.size() - 1));
  }
  void end() {
    tape.nodes_[open.back()].span = static_cast<std::uint32_t>(tape.nodes_.size()) - open.back();
    open.pop_back();
  }
  void part(view s) {
    if (!in_text) text_start = tape.characters_.size();
    in_text = true;
    tape.characters_.insert(tape.characters_.end(), s.begin(), s.end());
  }
  std::string_view whole(view s) {
    part(s);
    in_text = false;
    return {tape.characters_.data() + text_start, tape.characters_.size() - text_start};
  }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_array_begin(error_code&) { begin(json_node::type::array); return true; }
  bool on_array_end(std::size_t, error_code&) { end(); return true; }
  bool on_object_begin(error_code&) { begin(json_node::type::object); return true; }
  bool on_object_end(std::size_t, error_code&) { end(); return true; }
  bool on_string_part(view s, std::size_t, error_code&) { part(s); return true; }
  bool on_string(view s, std::size_t, error_code&) {
    const auto text = whole(s);
    add(json_node::type::text).text = text;
    return true;
  }
  bool on_key_part(view s, std::size_t, error_code&) { part(s); return true; }
  bool on_key(view s, std::size_t, error_code&) { key = whole(s); return true; }
  bool on_number_part(view, error_code&) { return true; }
  bool on_int64(std::int64_t i, view, error_code&) { add(json_node::type::integer).integer = i; return true; }
  bool on_uint64(std::uint64_t u, view, error_code&) { add(json_node::type::natural).natural = u; return true; }
  bool on_double(double d, view s, error_code&) {
    auto& node = add(json_node::type::real);
    node.real = d;
    // The parser's own conversion may be off by one in the last place; this one is exact.
    double exact = 0;
    const auto read = std::from_chars(s.data(), s.data() + s.size(), exact);
    if (read.ec == std::errc{} && read.ptr == s.data() + s.size()) node.real = exact;
    return true;
  }
  bool on_bool(bool b, error_code&) { add(json_node::type::boolean).truth = b; return true; }
  bool on_null(error_code&) { add(json_node::type::null); return true; }
  bool on_comment_part(view, error_code&) { return true; }
  bool on_comment(view, error_code&) { return true; }
};

namespace {

std::string place(std::string_view text, std::size_t at) {
  const auto before = text.substr(0, std::min(at, text.size()));
  std::size_t line = 1, line_start = 0;
  for (std::size_t i = 0; i < before.size(); ++i)
    if (before[i] == '\n') {
      ++line;
      line_start = i + 1;
    }
  return "line " + std::to_string(line) + ", column " + std::to_string(before.size() - line_start + 1) + " (byte " +
         std::to_string(before.size()) + ")";
}

tl::unexpected<error> explain(const json::error_code& why, std::string_view text, std::size_t at) {
  auto where = place(text, at);
  const auto is = [&](json::error e) { return why == json::make_error_code(e); };
  if (is(json::error::too_deep))
    return failure(error_kind::invalid, "too_deep",
                   "JSON may nest at most " + std::to_string(json_depth_max) + " deep", std::move(where));
  if (is(json::error::exponent_overflow))
    return failure(error_kind::invalid, "number_out_of_range", "a number is too large to be held", std::move(where));
  if (!is_utf8(text)) return failure(error_kind::invalid, "not_utf8", "the text is not valid UTF-8", std::move(where));
  if (is(json::error::incomplete))
    return failure(error_kind::invalid, "malformed_json", "the JSON ends before it is complete", std::move(where));
  return failure(error_kind::invalid, "malformed_json", "not JSON: " + why.message(), std::move(where));
}

}  // namespace

result<json_tape> json_tape::parse(std::string_view text) {
  json::parse_options options;
  options.max_depth = json_depth_max;
  json::basic_parser<tape_handler> parser(options, text.size());
  json::error_code why;
  const auto used = parser.write_some(false, text.data(), text.size(), why);
  if (why) return explain(why, text, used);
  if (used < text.size()) return explain(json::make_error_code(json::error::extra_data), text, used);
  return std::move(parser.handler().tape);
}

std::string_view describe(json_node::type type) {
  switch (type) {
    case json_node::type::null: return "null";
    case json_node::type::boolean: return "a boolean";
    case json_node::type::integer:
    case json_node::type::natural: return "an integer";
    case json_node::type::real: return "a number";
    case json_node::type::text: return "a string";
    case json_node::type::array: return "an array";
    case json_node::type::object: return "an object";
  }
  return "something else";
}

}  // namespace bv::schema
