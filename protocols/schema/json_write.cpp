// A message as JSON: one walk over the reflection data, straight into the text.
#include <capnp/any.h>

#include <array>
#include <charconv>
#include <cmath>

#include "protocols/schema/base/assert.hpp"
#include "protocols/schema/base/time.hpp"
#include "protocols/schema/base64.hpp"
#include "protocols/schema/json.hpp"
#include "protocols/schema/message.hpp"
#include "protocols/schema/validation.hpp"
#include "protocols/schema/wire_layout.hpp"

namespace bv::schema {
namespace {

template <class Number>
void append_number(std::string& out, Number number) {
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  out.append(text.data(), end);
}

void append_real(std::string& out, double number) {
  // JSON has no infinities; contracts that hold one say nothing that a reader could use.
  if (std::isfinite(number)) return append_number(out, number);
  out += "null";
}

void append_instant(std::string& out, std::int64_t ns) { out.append(1, '"').append(to_rfc3339({ns})).append(1, '"'); }

void append_enum(std::string& out, const enum_type& of, std::uint64_t value) {
  if (value >= of.values.size()) throw contract_breach{unknown_member(of.name)};
  append_json_string(out, of.values[value]);
}

void append_inline(std::string& out, const field& of, std::uint64_t bits) {
  switch (of.of) {
    case kind::boolean: out += bits != 0 ? "true" : "false"; return;
    case kind::enumeration: return append_enum(out, *of.enumeration, bits);
    case kind::float32: {
      float number = 0;
      std::memcpy(&number, &bits, sizeof(number));
      if (std::isfinite(number)) return append_number(out, number);
      out += "null";
      return;
    }
    case kind::float64: {
      double number = 0;
      std::memcpy(&number, &bits, sizeof(number));
      return append_real(out, number);
    }
    default: break;
  }
  if (of.instant) return append_instant(out, static_cast<std::int64_t>(bits));
  if (is_unsigned(of.of)) return append_number(out, bits);
  append_number(out, as_signed(of.of, bits));
}

std::string_view view_of(capnp::Text::Reader text) { return {text.begin(), text.size()}; }

bytes_view view_of(capnp::Data::Reader data) { return {reinterpret_cast<const char*>(data.begin()), data.size()}; }

void append_struct(std::string& out, const struct_type& type, capnp::AnyStruct::Reader from);

template <class List, class Append>
void append_elements(std::string& out, List list, Append append) {
  out.push_back('[');
  for (unsigned i = 0; i < list.size(); ++i) {
    if (i > 0) out.push_back(',');
    append(list[i]);
  }
  out.push_back(']');
}

capnp::List<capnp::AnyStruct>::Reader structs_of(capnp::AnyPointer::Reader from) {
  const auto list = from.getAs<capnp::AnyList>();
  KJ_REQUIRE(list.size() == 0 || list.getElementSize() == capnp::ElementSize::INLINE_COMPOSITE, "not a list of structs");
  return list.as<capnp::List<capnp::AnyStruct>>();
}

template <class Number>
void append_numbers(std::string& out, capnp::AnyPointer::Reader from) {
  append_elements(out, from.getAs<capnp::List<Number>>(), [&](Number n) { append_number(out, n); });
}

void append_list(std::string& out, const field& of, capnp::AnyPointer::Reader from) {
  switch (of.element) {
    case kind::structure:
      return append_elements(out, structs_of(from),
                             [&](capnp::AnyStruct::Reader one) { append_struct(out, *of.structure, one); });
    case kind::text:
      return append_elements(out, from.getAs<capnp::List<capnp::Text>>(),
                             [&](capnp::Text::Reader one) { append_json_string(out, view_of(one)); });
    case kind::data:
      return append_elements(out, from.getAs<capnp::List<capnp::Data>>(),
                             [&](capnp::Data::Reader one) { append_json_string(out, to_base64(view_of(one))); });
    case kind::boolean:
      return append_elements(out, from.getAs<capnp::List<bool>>(), [&](bool one) { out += one ? "true" : "false"; });
    case kind::enumeration:
      return append_elements(out, from.getAs<capnp::List<std::uint16_t>>(),
                             [&](std::uint16_t one) { append_enum(out, *of.enumeration, one); });
    case kind::float32:
      return append_elements(out, from.getAs<capnp::List<float>>(), [&](float one) { append_real(out, one); });
    case kind::float64:
      return append_elements(out, from.getAs<capnp::List<double>>(), [&](double one) { append_real(out, one); });
    case kind::int8: return append_numbers<std::int8_t>(out, from);
    case kind::int16: return append_numbers<std::int16_t>(out, from);
    case kind::int32: return append_numbers<std::int32_t>(out, from);
    case kind::int64: return append_numbers<std::int64_t>(out, from);
    case kind::uint8: return append_numbers<std::uint8_t>(out, from);
    case kind::uint16: return append_numbers<std::uint16_t>(out, from);
    case kind::uint32: return append_numbers<std::uint32_t>(out, from);
    case kind::uint64: return append_numbers<std::uint64_t>(out, from);
    case kind::list: break;
  }
  BV_ASSERT(false, "the generator refuses lists of lists");
}

void append_pointer(std::string& out, const field& of, capnp::AnyPointer::Reader from) {
  switch (of.of) {
    case kind::text: return append_json_string(out, view_of(from.getAs<capnp::Text>()));
    case kind::data: return append_json_string(out, to_base64(view_of(from.getAs<capnp::Data>())));
    case kind::list: return append_list(out, of, from);
    default: return append_struct(out, *of.structure, from.getAs<capnp::AnyStruct>());
  }
}

void append_name(std::string& out, std::string_view name) {
  if (out.back() != '{') out.push_back(',');
  out.append(1, '"').append(name).append("\":");
}

void append_struct(std::string& out, const struct_type& type, capnp::AnyStruct::Reader from) {
  const auto data = from.getDataSection();
  const auto pointers = from.getPointerSection();
  const auto pointer = [&](const field& of) {
    return of.slot < pointers.size() ? pointers[of.slot] : capnp::AnyPointer::Reader();
  };
  out.push_back('{');
  if (type.is_union()) {
    const auto which = read_discriminant(data, type);
    if (which >= type.fields().size()) throw contract_breach{unknown_member(type.name())};
    const auto& member = type.fields()[which];
    append_name(out, member.name);
    append_pointer(out, member, pointer(member));
  } else {
    for (const auto& member : type.fields()) {
      if (member.internal) continue;
      if (is_inline(member.of)) {
        const auto bits = read_bits(data, member);
        if (member.instant && bits == 0) continue;
        append_name(out, member.name);
        append_inline(out, member, bits);
      } else {
        const auto at = pointer(member);
        if (member.optional && at.isNull()) continue;
        append_name(out, member.name);
        append_pointer(out, member, at);
      }
    }
  }
  out.push_back('}');
}

/// The character as a JSON string writes it; empty if it stands for itself.
std::string escaped(char c) {
  switch (c) {
    case '"': return "\\\"";
    case '\\': return "\\\\";
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    default: break;
  }
  if (static_cast<unsigned char>(c) >= 0x20) return {};
  constexpr std::string_view digits = "0123456789abcdef";
  return std::string("\\u00") + digits[static_cast<unsigned char>(c) >> 4] + digits[c & 15];
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  const bool sound = is_utf8(text);
  out.push_back('"');
  std::size_t done = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool replaced = c >= 0x80 && !sound;
    if (c >= 0x20 && c != '"' && c != '\\' && !replaced) continue;
    out.append(text, done, i - done);
    out += replaced ? "\xef\xbf\xbd" : escaped(text[i]);
    done = i + 1;
  }
  out.append(text, done);
  out.push_back('"');
}

result<void> append_json(std::string& out, const struct_type& type, bytes_view message) {
  const auto size_before = out.size();
  auto written = read_message(message, [&](capnp::MessageReader& reader) {
    append_struct(out, type, reader.getRoot<capnp::AnyStruct>());
  });
  if (!written) out.resize(size_before);
  return written;
}

result<void> append_member_json(std::string& out, const struct_type& root, std::uint16_t ordinal, bytes_view message) {
  const auto size_before = out.size();
  auto written = read_message(message, [&](capnp::MessageReader& reader) {
    const auto from = reader.getRoot<capnp::AnyStruct>();
    if (ordinal >= root.fields().size() || read_discriminant(from.getDataSection(), root) != ordinal)
      throw contract_breach{unknown_member(root.name())};
    const auto& member = root.fields()[ordinal];
    const auto pointers = from.getPointerSection();
    const auto at = member.slot < pointers.size() ? pointers[member.slot] : capnp::AnyPointer::Reader();
    append_struct(out, *member.structure, at.getAs<capnp::AnyStruct>());
  });
  if (!written) out.resize(size_before);
  return written;
}

result<std::string> to_json(const struct_type& type, bytes_view message) {
  std::string out;
  out.reserve(2 * message.size());
  BV_TRY(append_json(out, type, message));
  return out;
}

}  // namespace bv::schema
