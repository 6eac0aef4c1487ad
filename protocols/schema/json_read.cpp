// JSON as a message. The text becomes a tape first (json_tape.hpp), then the fields of the contract are looked up on
// it in the schema's order: so the bytes do not depend on the order of the JSON, and a retry with the same meaning
// is the same command.
#include <capnp/any.h>

#include <algorithm>
#include <array>
#include <span>
#include <unordered_set>

#include "protocols/schema/base/assert.hpp"
#include "protocols/schema/json.hpp"
#include "protocols/schema/json_tape.hpp"
#include "protocols/schema/json_values.hpp"
#include "protocols/schema/message.hpp"
#include "protocols/schema/wire_layout.hpp"

namespace bv::schema {
namespace {

/// Where we are; put into words only when something is wrong.
struct path {
  const path* up = nullptr;
  std::string_view name = {};
  std::size_t index = 0;
  bool is_element = false;

  [[nodiscard]] std::string text() const {
    auto before = up ? up->text() : std::string();
    if (is_element) return before + "[" + std::to_string(index) + "]";
    if (!before.empty() && !name.empty()) before.push_back('.');
    return before.append(name);
  }
};

tl::unexpected<error> at(const path& place, error why) {
  why.context = place.text();
  return tl::unexpected<error>(std::move(why));
}

tl::unexpected<error> at(const path& place, std::string code, std::string message) {
  return at(place, error{error_kind::invalid, std::move(code), std::move(message)});
}

/// The nodes of an object by the fields that they set; in place for structs of the usual size.
class assignment {
 public:
  explicit assignment(std::size_t fields) {
    if (fields > few_.size()) many_.resize(fields);
  }
  const json_node*& operator[](std::size_t ordinal) { return many_.empty() ? few_[ordinal] : many_[ordinal]; }

 private:
  std::array<const json_node*, 24> few_{};
  std::vector<const json_node*> many_;
};

class writer {
 public:
  /// `node` may be null: then everything has its default.
  result<void> write_struct(capnp::AnyStruct::Builder to, const struct_type& type, const json_node* node,
                            const path& place) {
    assignment given(type.fields().size());
    if (node) BV_TRY(assign(type, *node, given, place));
    return write_fields(to, type, given, node != nullptr, place);
  }

  /// Finds the field of each member of a JSON object.
  result<void> assign(const struct_type& type, const json_node& node, assignment& given, const path& place) {
    if (node.of != json_node::type::object) return at(place, wrong_type("an object", node));
    const auto* child = first_child(node);
    for (std::uint32_t i = 0; i < node.children; ++i, child = next_sibling(*child)) {
      const path here{&place, child->key};
      const auto* of = type.find_shown(child->key);
      if (!of) return at(here, unknown_field(type, child->key));
      if (of->generated) return at(here, "generated_field", "is made by the server; leave it out");
      if (given[of->ordinal]) return at(here, "duplicate_field", "is given twice");
      given[of->ordinal] = child;
    }
    return {};
  }

  result<void> write_fields(capnp::AnyStruct::Builder to, const struct_type& type, assignment& given, bool complete,
                            const path& place) {
    if (type.is_union()) return write_union(to, type, given, place);
    const auto data = to.getDataSection();
    auto pointers = to.getPointerSection();
    for (const auto& of : type.fields()) {
      const path here{&place, of.name};
      const auto* node = given[of.ordinal];
      if (node && of.optional && node->of == json_node::type::null) node = nullptr;
      if (!node && of.required && complete) return at(here, "missing_field", "must be given");
      if (!is_inline(of.of)) {
        BV_TRY(write_pointer(pointers[of.slot], of, node, here));
      } else if (node) {
        const auto bits = read_inline(of, of.of, *node);
        if (!bits) return at(here, bits.error());
        write_bits(data, of, *bits);
      }
    }
    return {};
  }

  static error unknown_field(const struct_type& type, std::string_view name) {
    std::string message = "is not a field of " + type.name();
    if (const auto near = type.nearest(name); !near.empty()) message += "; did you mean " + std::string(near) + "?";
    return {error_kind::invalid, "unknown_field", std::move(message)};
  }

 private:
  result<void> write_union(capnp::AnyStruct::Builder to, const struct_type& type, assignment& given, const path& place) {
    const field* chosen = nullptr;
    std::size_t count = 0;
    std::string names;
    for (const auto& of : type.fields()) {
      names += (names.empty() ? "" : ", ") + of.name;
      if (!given[of.ordinal]) continue;
      chosen = &of;
      ++count;
    }
    if (count != 1) return at(place, "wrong_type", "must have exactly one of " + names);
    write_discriminant(to.getDataSection(), type, static_cast<std::uint16_t>(chosen->ordinal));
    return write_pointer(to.getPointerSection()[chosen->slot], *chosen, given[chosen->ordinal], {&place, chosen->name});
  }

  result<void> write_pointer(capnp::AnyPointer::Builder to, const field& of, const json_node* node, const path& place) {
    switch (of.of) {
      case kind::structure: {
        if (!node && of.optional) return {};
        const auto& wire = of.structure->wire();
        return write_struct(to.initAsAnyStruct(wire.data_words, wire.pointers), *of.structure, node, place);
      }
      case kind::list: return node ? write_list(to, of, *node, place) : result<void>{};
      default: return node ? write_blob(to, of, *node, place) : result<void>{};
    }
  }

  result<void> write_blob(capnp::AnyPointer::Builder to, const field& of, const json_node& node, const path& place) {
    if (of.of == kind::data) {
      const auto data = read_data(of, node);
      if (!data) return at(place, data.error());
      if (!data->empty() || of.optional) to.setAs<capnp::Data>(data_reader(*data));
      return {};
    }
    const auto text = read_text(of, node);
    if (!text) return at(place, text.error());
    // As the generated write(): what is empty takes no room.
    if (!text->empty() || of.optional) set_text(to.initAs<capnp::Text>(static_cast<unsigned>(text->size())), *text);
    return {};
  }

  result<void> write_list(capnp::AnyPointer::Builder to, const field& of, const json_node& node, const path& place) {
    if (node.of != json_node::type::array) return at(place, wrong_type("an array", node));
    if (const auto fits = check_length(of, node.children); !fits) return at(place, fits.error());
    BV_TRY(reserve(of, node.children, place));
    if (node.children == 0 && !of.optional) return {};
    switch (of.element) {
      case kind::structure: return write_structs(to, of, node, place);
      case kind::boolean: return write_numbers<bool>(to, of, node, place);
      case kind::int8: return write_numbers<std::int8_t>(to, of, node, place);
      case kind::int16: return write_numbers<std::int16_t>(to, of, node, place);
      case kind::int32: return write_numbers<std::int32_t>(to, of, node, place);
      case kind::int64: return write_numbers<std::int64_t>(to, of, node, place);
      case kind::uint8: return write_numbers<std::uint8_t>(to, of, node, place);
      case kind::uint16:
      case kind::enumeration: return write_numbers<std::uint16_t>(to, of, node, place);
      case kind::uint32: return write_numbers<std::uint32_t>(to, of, node, place);
      case kind::uint64: return write_numbers<std::uint64_t>(to, of, node, place);
      case kind::float32: return write_numbers<float>(to, of, node, place);
      case kind::float64: return write_numbers<double>(to, of, node, place);
      case kind::text: {
        auto list = to.initAs<capnp::List<capnp::Text>>(node.children);
        return each(node, place, [&](unsigned i, const json_node& one, const path& here) -> result<void> {
          const auto text = read_text(of, one);
          if (!text) return at(here, text.error());
          set_text(list.init(i, static_cast<unsigned>(text->size())), *text);
          return {};
        });
      }
      case kind::data: {
        auto list = to.initAs<capnp::List<capnp::Data>>(node.children);
        return each(node, place, [&](unsigned i, const json_node& one, const path& here) -> result<void> {
          const auto data = read_data(of, one);
          if (!data) return at(here, data.error());
          list.set(i, data_reader(*data));
          return {};
        });
      }
      case kind::list: break;
    }
    BV_ASSERT(false, "the generator refuses lists of lists");
    return {};
  }

  result<void> write_structs(capnp::AnyPointer::Builder to, const field& of, const json_node& node, const path& place) {
    const auto& wire = of.structure->wire();
    auto list = to.initAsListOfAnyStruct(wire.data_words, wire.pointers, node.children);
    BV_TRY(each(node, place, [&](unsigned i, const json_node& one, const path& here) {
      return write_struct(list[i], *of.structure, &one, here);
    }));
    return of.key.empty() ? result<void>{} : check_keys(list.asReader(), of, place);
  }

  static result<void> check_keys(capnp::List<capnp::AnyStruct>::Reader list, const field& of, const path& place) {
    const auto* key = of.structure->find(of.key);
    std::unordered_set<std::string_view> seen;
    seen.reserve(list.size());
    for (unsigned i = 0; i < list.size(); ++i) {
      const auto text = list[i].getPointerSection()[key->slot].getAs<capnp::Text>();
      if (seen.emplace(text.begin(), text.size()).second) continue;
      const path element{&place, {}, i, true};
      return at({&element, of.key}, "duplicate_key", "another element has the same " + of.key);
    }
    return {};
  }

  template <class Number>
  result<void> write_numbers(capnp::AnyPointer::Builder to, const field& of, const json_node& node, const path& place) {
    auto list = to.initAs<capnp::List<Number>>(node.children);
    return each(node, place, [&](unsigned i, const json_node& one, const path& here) -> result<void> {
      const auto bits = read_inline(of, of.element, one);
      if (!bits) return at(here, bits.error());
      Number number;
      std::memcpy(&number, &*bits, sizeof(number));
      list.set(i, number);
      return {};
    });
  }

  template <class Write>
  result<void> each(const json_node& node, const path& place, Write write) {
    const auto* child = first_child(node);
    for (std::uint32_t i = 0; i < node.children; ++i, child = next_sibling(*child))
      BV_TRY(write(i, *child, path{&place, {}, i, true}));
    return {};
  }

  /// A short JSON array can stand for many large structs: the message is bounded before they are allotted.
  result<void> reserve(const field& of, std::size_t count, const path& place) {
    const auto words = of.element == kind::structure
                           ? std::size_t{1} + of.structure->wire().data_words + of.structure->wire().pointers
                           : std::size_t{1};
    words_ += count * words;
    if (words_ * sizeof(capnp::word) <= message_size_bytes_max) return {};
    return at(place, error{error_kind::too_large, "message_too_large",
                           "the message would exceed " + std::to_string(message_size_bytes_max) + " bytes"});
  }

  static void set_text(capnp::Text::Builder to, std::string_view text) {
    if (!text.empty()) std::memcpy(to.begin(), text.data(), text.size());
  }
  static capnp::Data::Reader data_reader(const bytes& data) {
    return {reinterpret_cast<const kj::byte*>(data.data()), data.size()};
  }

  std::size_t words_ = 0;
};

/// Adds what came as text to what the body says. `made` keeps the nodes that are no part of the body's tape.
result<void> assign_given(const struct_type& type, const message_draft::given_field& one, assignment& given,
                          std::vector<json_node>& made) {
  const path here{nullptr, one.name};
  const auto* of = type.find_shown(one.name);
  if (!of) return at(here, writer::unknown_field(type, one.name));
  if (of->generated && !one.generated) return at(here, "generated_field", "is made by the server; leave it out");
  const auto node = node_from_text(*of, one.text);
  if (!node) return at(here, node.error());
  if (const auto* there = given[of->ordinal]) {
    const bool from_body = std::none_of(made.begin(), made.end(), [&](const json_node& n) { return &n == there; });
    if (!from_body) return at(here, "duplicate_field", "is given twice");
    if (same_scalar(*there, *node)) return {};
    return at(here, "conflicting_field", "the path says '" + std::string(one.text) + "' and the body says something else");
  }
  made.push_back(*node);
  given[of->ordinal] = &made.back();
  return {};
}

/// A list's elements come one by one under the same name; they make one array.
result<void> assign_given_lists(const struct_type& type, std::span<const message_draft::given_field> all,
                                assignment& given, std::vector<json_node>& made) {
  for (const auto& of : type.fields()) {
    if (of.of != kind::list || of.internal) continue;
    const path here{nullptr, of.name};
    const auto array = made.size();
    for (const auto& one : all) {
      if (one.name != of.name) continue;
      if (made.size() == array) made.emplace_back().of = json_node::type::array;
      const auto node = node_from_text(of, one.text);
      if (!node) return at(here, node.error());
      made.push_back(*node);
    }
    if (made.size() == array) continue;
    if (given[of.ordinal]) return at(here, "conflicting_field", "is given by the query string and by the body");
    made[array].span = static_cast<std::uint32_t>(made.size() - array);
    made[array].children = made[array].span - 1;
    given[of.ordinal] = &made[array];
  }
  return {};
}

bool is_list(const struct_type& type, std::string_view name) {
  const auto* of = type.find_shown(name);
  return of && of->of == kind::list;
}

bool blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == text.npos; }

}  // namespace

message_draft::message_draft(const struct_type& type) : root_(&type), type_(&type) {}

message_draft::message_draft(const aggregate_contract& contract, const command_type& command)
    : root_(&contract.command_root()), type_(command.parameters), member_(&root_->fields()[command.ordinal]) {}

result<bytes> message_draft::finish() const {
  BV_ASSIGN(const auto tape, json_tape::parse(blank(body_) ? std::string_view("{}") : body_));
  writer to;
  assignment given(type_->fields().size());
  BV_TRY(to.assign(*type_, tape.root(), given, {}));
  std::vector<json_node> made;
  made.reserve(2 * given_.size());  // never grows: the assignment points into it
  BV_TRY(assign_given_lists(*type_, given_, given, made));
  for (const auto& one : given_)
    if (!is_list(*type_, one.name)) BV_TRY(assign_given(*type_, one, given, made));

  alignas(8) std::byte scratch[scratch_words * sizeof(capnp::word)] = {};
  capnp::MallocMessageBuilder message(kj::arrayPtr(reinterpret_cast<capnp::word*>(scratch), scratch_words));
  auto root = message.getRoot<capnp::AnyPointer>().initAsAnyStruct(root_->wire().data_words, root_->wire().pointers);
  if (!member_) {
    BV_TRY(to.write_fields(root, *type_, given, true, {}));
  } else {
    write_discriminant(root.getDataSection(), *root_, static_cast<std::uint16_t>(member_->ordinal));
    const auto& wire = type_->wire();
    auto inner = root.getPointerSection()[member_->slot].initAsAnyStruct(wire.data_words, wire.pointers);
    BV_TRY(to.write_fields(inner, *type_, given, true, {}));
  }
  return to_bytes(message);
}

result<bytes> to_message(const struct_type& type, std::string_view json) {
  message_draft draft(type);
  draft.set_body(json);
  return draft.finish();
}

}  // namespace bv::schema
