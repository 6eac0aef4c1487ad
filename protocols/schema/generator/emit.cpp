#include "protocols/schema/generator/emit.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace bv::generator {
namespace {

constexpr std::string_view banner = "// Generated from {}; changes are lost.\n";

std::string base_name(const std::string& path) { return path.substr(0, path.rfind('.')); }

std::string value_type(const field& member) {
  return member.optional ? "std::optional<" + member.of.cpp + ">" : member.of.cpp;
}

std::string string_literal(std::string_view text) {
  std::string made = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') made.push_back('\\');
    made.push_back(c);
  }
  return made + "\"";
}

void declare_struct(std::string& out, const std::string& space, const structure& one) {
  if (one.is_union) {
    out += fmt::format("using {} = std::variant<", one.cpp);
    for (std::size_t i = 0; i < one.fields.size(); ++i) out += (i ? ", " : "") + one.fields[i].of.cpp;
    out += ">;\n";
    return;
  }
  out += fmt::format("struct {} {{\n", one.cpp);
  for (const auto& member : one.fields) out += fmt::format("  {} {}{{{}}};\n", value_type(member), member.cpp, member.initial);
  // Qualified, because a member may have the struct's own name.
  out += fmt::format("  friend bool operator==(const ::{0}::{1}&, const ::{0}::{1}&) = default;\n}};\n", space, one.cpp);
}

// --- Writing ---------------------------------------------------------------------------------------------

std::string wire_value(const type& of, const std::string& value) {
  switch (of.of) {
    case kind::text: return fmt::format("::capnp::Text::Reader({0}.c_str(), {0}.size())", value);
    case kind::data:
      return fmt::format("::capnp::Data::Reader(reinterpret_cast<const ::kj::byte*>({0}.data()), {0}.size())", value);
    case kind::enumeration: return fmt::format("static_cast<{}>({})", of.wire, value);
    default: return of.instant ? value + ".ns" : value;
  }
}

std::string write_present(const field& member, const std::string& value) {
  switch (member.of.of) {
    case kind::structure: return fmt::format("write({}, to.init{}());", value, member.accessor);
    case kind::list: {
      const auto& element = member.of.element[0];
      const auto one = element.of == kind::structure ? "write(element, list[i++]);"
                                                      : "list.set(i++, " + wire_value(element, "element") + ");";
      return fmt::format(
          "{{ auto list = to.init{}(static_cast<unsigned>({}.size())); unsigned i = 0; for (const auto& element : {}) {} }}",
          member.accessor, value, value, one);
    }
    default: return fmt::format("to.set{}({});", member.accessor, wire_value(member.of, value));
  }
}

void define_write(std::string& out, const structure& one) {
  out += fmt::format("void write([[maybe_unused]] const {}& from, [[maybe_unused]] {}::Builder to) {{\n", one.cpp, one.wire);
  if (one.is_union) {
    out += "  switch (from.index()) {\n";
    for (std::size_t i = 0; i < one.fields.size(); ++i)
      out += fmt::format("    case {0}: return write(std::get<{0}>(from), to.init{1}());\n", i, one.fields[i].accessor);
    out += "  }\n}\n";
    return;
  }
  for (const auto& member : one.fields) {
    const auto place = "from." + member.cpp;
    // What is empty is left out: readers see the same, and the message is smaller.
    const bool skips_empty = member.of.of == kind::text || member.of.of == kind::data || member.of.of == kind::list;
    if (member.optional)
      out += fmt::format("  if ({}) {}\n", place, write_present(member, "(*" + place + ")"));
    else if (skips_empty)
      out += fmt::format("  if (!{}.empty()) {}\n", place, write_present(member, place));
    else
      out += "  " + write_present(member, place) + "\n";
  }
  out += "}\n";
}

// --- Reading ---------------------------------------------------------------------------------------------

std::string read_scalar(const type& of, const std::string& from, const std::string& to) {
  switch (of.of) {
    case kind::text: return fmt::format("{{ const auto text = {}; {}.assign(text.begin(), text.size()); }}", from, to);
    case kind::data:
      return fmt::format("{{ const auto data = {}; {}.assign(reinterpret_cast<const char*>(data.begin()), data.size()); }}",
                         from, to);
    case kind::enumeration:
    case kind::structure: return fmt::format("read({}, {});", from, to);
    default: return of.instant ? fmt::format("{}.ns = {};", to, from) : fmt::format("{} = {};", to, from);
  }
}

std::string read_field(const field& member, const std::string& place) {
  const auto getter = fmt::format("from.get{}()", member.accessor);
  if (member.of.of != kind::list) return read_scalar(member.of, getter, place);
  const auto& element = member.of.element[0];
  std::string add;
  if (!member.of.key.empty())
    add = fmt::format("{} one; {} if (!{}.insert(std::move(one))) throw ::bv::schema::contract_breach{{duplicate_key({})}};",
                      element.cpp, read_scalar(element, "element", "one"), place, string_literal(member.name));
  else
    add = fmt::format("{} one{{}}; {} {}.push_back(std::move(one));", element.cpp, read_scalar(element, "element", "one"), place);
  const auto reserve = member.of.key.empty() ? place + ".reserve(list.size()); " : std::string();
  return fmt::format("{{ const auto list = {}; {}for (const auto element : list) {{ {} }} }}", getter, reserve, add);
}

void define_read(std::string& out, const structure& one) {
  out += fmt::format("void read([[maybe_unused]] {}::Reader from, [[maybe_unused]] {}& to) {{\n", one.wire, one.cpp);
  if (one.is_union) {
    out += "  switch (from.which()) {\n";
    for (std::size_t i = 0; i < one.fields.size(); ++i)
      out += fmt::format("    case {}::{}: return read(from.get{}(), to.emplace<{}>());\n", one.wire,
                         one.fields[i].union_case, one.fields[i].accessor, i);
    out += fmt::format("  }}\n  throw ::bv::schema::contract_breach{{unknown_member({})}};\n}}\n", string_literal(one.name));
    return;
  }
  for (const auto& member : one.fields) {
    if (member.optional)
      out += fmt::format("  if (from.has{}()) {{ auto& present = to.{}.emplace(); {} }} else to.{}.reset();\n", member.accessor,
                         member.cpp, read_field(member, "present"), member.cpp);
    else {
      if (member.of.of == kind::list) out += fmt::format("  to.{}.clear();\n", member.cpp);
      out += "  " + read_field(member, "to." + member.cpp) + "\n";
    }
  }
  out += "}\n";
}

// --- Validating --------------------------------------------------------------------------------------------

std::string length_checks(const field& member, const std::string& value, std::string_view unit) {
  std::string out;
  const auto name = string_literal(member.name);
  if (const auto max = member.bounds.max_length)
    out += fmt::format("\n  if ({0}.size() > {1}u) return ::bv::schema::too_long({2}, {1}u, {0}.size(), \"{3}\");", value, *max, name, unit);
  if (const auto min = member.bounds.min_length; min && *min > 0)
    out += fmt::format("\n  if ({0}.size() < {1}u) return ::bv::schema::too_short({2}, {1}u, {0}.size(), \"{3}\");", value, *min, name, unit);
  return out;
}

std::string validate_value(const field& member, const std::string& value) {
  const auto name = string_literal(member.name);
  std::string out;
  switch (member.of.of) {
    case kind::text:
      out = length_checks(member, value, "bytes");
      out += fmt::format("\n  if (!::bv::schema::is_utf8({})) return ::bv::schema::not_utf8({});", value, name);
      if (member.bounds.pattern)
        out += fmt::format("\n  {{ static const ::bv::schema::pattern expected({}); BV_TRY(expected.check({}, {})); }}",
                           string_literal(*member.bounds.pattern), name, value);
      break;
    case kind::data: out = length_checks(member, value, "bytes"); break;
    case kind::integer:
      if (const auto min = member.bounds.min; min && !(member.of.is_unsigned && *min <= 0))
        out += fmt::format("\n  if ({0} < static_cast<{1}>({2})) return ::bv::schema::below_min({3}, {2}, std::to_string({0}));", value,
                           member.of.cpp, *min, name);
      if (const auto max = member.bounds.max)
        out += fmt::format("\n  if ({0} > static_cast<{1}>({2})) return ::bv::schema::above_max({3}, {2}, std::to_string({0}));", value,
                           member.of.cpp, *max, name);
      break;
    case kind::structure:
      out = fmt::format("\n  if (auto checked = validate({}); !checked) return ::bv::failure(::bv::schema::inside(checked.error(), {}));",
                        value, name);
      break;
    case kind::list: {
      out = length_checks(member, value, "elements");
      const auto& element = member.of.element[0];
      if (element.of == kind::structure)
        out += fmt::format(
            "\n  {{ std::size_t i = 0; for (const auto& element : {}) {{ if (auto checked = validate(element); !checked) return "
            "::bv::failure(::bv::schema::inside(checked.error(), ::bv::schema::element({}, i))); ++i; }} }}",
            value, name);
      if (element.of == kind::text)
        out += fmt::format(
            "\n  {{ std::size_t i = 0; for (const auto& element : {}) {{ if (!::bv::schema::is_utf8(element)) return "
            "::bv::schema::not_utf8(::bv::schema::element({}, i)); ++i; }} }}",
            value, name);
      break;
    }
    default: break;
  }
  return out;
}

void define_validate(std::string& out, const structure& one) {
  out += fmt::format("::bv::result<void> validate([[maybe_unused]] const {}& value) {{\n", one.cpp);
  if (one.is_union) {
    out += "  switch (value.index()) {\n";
    for (std::size_t i = 0; i < one.fields.size(); ++i)
      out += fmt::format(
          "    case {0}: if (auto checked = validate(std::get<{0}>(value)); !checked) return "
          "::bv::failure(::bv::schema::inside(checked.error(), {1})); break;\n",
          i, string_literal(one.fields[i].name));
    out += "  }\n";
  } else {
    for (const auto& member : one.fields) {
      const auto place = "value." + member.cpp;
      const auto checks = validate_value(member, member.optional ? "(*" + place + ")" : place);
      if (checks.empty()) continue;
      out += member.optional ? fmt::format("  if ({}) {{{} }}\n", place, checks) : " " + checks + "\n";
    }
  }
  out += "  return {};\n}\n";
}

// --- Enums ---------------------------------------------------------------------------------------------

void declare_enum(std::string& out, const enumeration& one) {
  out += fmt::format("enum class {} : std::uint16_t {{", one.cpp);
  for (const auto& [name, cpp] : one.values) out += " " + cpp + ",";
  out += fmt::format(" }};\n/// The value's name in the schema.\nstd::string_view to_string({} value);\n", one.cpp);
}

void define_enum(std::string& out, const enumeration& one) {
  out += fmt::format("std::string_view to_string({} value) {{\n  switch (value) {{\n", one.cpp);
  for (const auto& [name, cpp] : one.values) out += fmt::format("    case {}::{}: return {};\n", one.cpp, cpp, string_literal(name));
  out += "  }\n  return \"unknown\";\n}\n";
  out += fmt::format(
      "void read({1} from, {0}& to) {{\n  const auto number = static_cast<std::uint16_t>(from);\n  if (number >= {2}) throw "
      "::bv::schema::contract_breach{{unknown_member({3})}};\n  to = static_cast<{0}>(number);\n}}\n",
      one.cpp, one.wire, one.values.size(), string_literal(one.name));
}

bool declares(const file& from, std::string_view name) {
  for (const auto& one : from.structs)
    if (one.cpp == name) return true;
  return false;
}

}  // namespace

std::string emit_header(const file& from) {
  auto out = fmt::format(fmt::runtime(banner), from.path);
  out +=
      "#pragma once\n\n#include <cstdint>\n#include <optional>\n#include <string>\n#include <string_view>\n#include <variant>\n"
      "#include <vector>\n\n#include \"protocols/schema/base/bytes.hpp\"\n#include \"protocols/schema/base/keyed_list.hpp\"\n"
      "#include \"protocols/schema/base/result.hpp\"\n#include \"protocols/schema/base/time.hpp\"\n";
  for (const auto& import : from.imports) out += fmt::format("#include \"{}.hpp\"\n", base_name(import));
  out += "\nnamespace bv::schema {\nclass aggregate_contract;\nclass query_contract;\n}\n";
  out += fmt::format("\nnamespace {} {{\n\n", from.cpp_space);
  for (const auto& one : from.enums) declare_enum(out, one);
  for (const auto& one : from.structs) declare_struct(out, from.cpp_space, one);
  out += "\n";
  for (const auto& one : from.structs) {
    out += fmt::format("::bv::bytes encode(const {}& value);\n", one.cpp);
    out += fmt::format("::bv::result<void> decode(::bv::bytes_view data, {}& value);\n", one.cpp);
    out += fmt::format("::bv::result<void> validate(const {}& value);\n", one.cpp);
    if (one.is_query) out += fmt::format("const ::bv::schema::query_contract& contract_of(const {}&);\n", one.cpp);
  }
  if (from.is_aggregate) {
    for (const auto* needed : {"state", "command", "event"})
      if (!declares(from, needed)) throw std::runtime_error(from.path + ": an aggregate declares State, Command and Event");
    out +=
        "\n/// The types above as one aggregate, for runtime::typed_aggregate.\nstruct contract {\n"
        "  using state_type = state;\n  using command_type = command;\n  using event_type = event;\n"
        "  static const ::bv::schema::aggregate_contract& reflection();\n";
    for (const auto* one : {"state", "command", "event"})
      out += fmt::format(
          "  static ::bv::bytes encode(const {0}& value) {{ return {1}::encode(value); }}\n"
          "  static ::bv::result<void> decode(::bv::bytes_view data, {0}& value) {{ return {1}::decode(data, value); }}\n"
          "  static ::bv::result<void> validate(const {0}& value) {{ return {1}::validate(value); }}\n",
          one, "::" + from.cpp_space);
    out += "};\n";
  }
  return out + fmt::format("\n}}  // namespace {}\n", from.cpp_space);
}

std::string emit_wire_header(const file& from) {
  auto out = fmt::format(fmt::runtime(banner), from.path);
  out += fmt::format("#pragma once\n\n#include \"{0}.capnp.h\"\n#include \"{0}.hpp\"\n\nnamespace {1} {{\n\n",
                     base_name(from.path), from.cpp_space);
  for (const auto& one : from.enums) out += fmt::format("void read({1} from, {0}& to);\n", one.cpp, one.wire);
  for (const auto& one : from.structs) {
    out += fmt::format("void write(const {}& from, {}::Builder to);\n", one.cpp, one.wire);
    out += fmt::format("void read({}::Reader from, {}& to);\n", one.wire, one.cpp);
  }
  return out + fmt::format("\n}}  // namespace {}\n", from.cpp_space);
}

std::string emit_source(const file& from) {
  auto out = fmt::format(fmt::runtime(banner), from.path);
  out += fmt::format("#include \"{0}.wire.hpp\"\n\n", base_name(from.path));
  for (const auto& import : from.imports) out += fmt::format("#include \"{}.wire.hpp\"\n", base_name(import));
  out +=
      "#include \"protocols/schema/contract_builder.hpp\"\n#include \"protocols/schema/message.hpp\"\n"
      "#include \"protocols/schema/validation.hpp\"\n";
  out += fmt::format(
      "\nnamespace {} {{\nnamespace {{\n\nusing ::bv::schema::duplicate_key;\nusing ::bv::schema::unknown_member;\n\n}}  // namespace\n\n",
      from.cpp_space);
  for (const auto& one : from.enums) define_enum(out, one);
  for (const auto& one : from.structs) {
    define_write(out, one);
    define_read(out, one);
    define_validate(out, one);
    out += fmt::format("::bv::bytes encode(const {0}& value) {{\n  return ::bv::schema::encode_message<{1}>(value);\n}}\n", one.cpp, one.wire);
    out += fmt::format(
        "::bv::result<void> decode(::bv::bytes_view data, {0}& value) {{\n  return ::bv::schema::decode_message<{1}>(data, value);\n}}\n",
        one.cpp, one.wire);
    if (one.is_query)
      out += fmt::format(
          "const ::bv::schema::query_contract& contract_of(const {0}&) {{\n  static const auto made = "
          "::bv::schema::build_query_contract(::capnp::Schema::from<{1}>(), ::capnp::Schema::from<{2}>());\n  return made;\n}}\n",
          one.cpp, one.wire, one.answer);
  }
  if (from.is_aggregate) {
    const auto wire = "::" + from.cpp_space + "::wire::";
    out += fmt::format(
        "const ::bv::schema::aggregate_contract& contract::reflection() {{\n  static const auto made = "
        "::bv::schema::build_aggregate_contract({{.name = {0}, .domain = {1}, .snapshot_every = {2}, .retain_days = {3}}}, "
        "::capnp::Schema::from<{4}State>(), ::capnp::Schema::from<{4}Command>(), ::capnp::Schema::from<{4}Event>());\n  "
        "return made;\n}}\n",
        string_literal(from.name), string_literal(from.domain), from.snapshot_every, from.retain_days, wire);
  }
  return out + fmt::format("\n}}  // namespace {}\n", from.cpp_space);
}

}  // namespace bv::generator
