#include "protocols/schema/generator/model.hpp"

#include <algorithm>
#include <cctype>
#include <functional>
#include <map>
#include <set>
#include <stdexcept>

#include "protocols/schema/bv.capnp.h"
#include "protocols/schema/vocabulary.hpp"

namespace bv::generator {
namespace {

namespace cs = capnp::schema;
namespace words = bv::schema::vocabulary;

constexpr std::uint64_t cxx_namespace = 0xb9c6f99ebf805f2cULL;
/// Words that a member or a type can't be called in C++.
const std::set<std::string> reserved{"and",     "auto",    "bool",   "break",  "case",    "catch",   "char",
                                     "class",   "const",   "continue", "default", "delete", "do",    "double",
                                     "else",    "enum",    "explicit", "export", "extern", "false",  "float",
                                     "for",     "friend",  "goto",   "if",     "inline",  "int",     "long",
                                     "namespace", "new",   "not",    "operator", "or",    "private", "protected",
                                     "public",  "register", "return", "short", "signed",  "sizeof",  "static",
                                     "struct",  "switch",  "template", "this", "throw",   "true",    "try",
                                     "typedef", "union",   "unsigned", "using", "virtual", "void",   "while",
                                     "xor",     "contract"};

std::string cpp_name(std::string_view camel) {
  auto name = snake_case(camel);
  if (reserved.contains(name)) name += "_";
  return name;
}

std::string upper_first(std::string name) {
  name[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[0])));
  return name;
}

std::string upper_snake(std::string_view camel) {
  auto name = snake_case(camel);
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::toupper(c); });
  return name;
}

std::optional<cs::Value::Reader> annotation(capnp::List<cs::Annotation>::Reader all, std::uint64_t id) {
  for (auto one : all)
    if (one.getId() == id) return one.getValue();
  return std::nullopt;
}

class reader {
 public:
  explicit reader(const std::vector<cs::Node::Reader>& nodes) {
    for (const auto& node : nodes) nodes_.emplace(node.getId(), node);
  }

  file read(cs::CodeGeneratorRequest::RequestedFile::Reader requested) {
    file made;
    made.path = requested.getFilename().cStr();
    made.cpp_space = cpp_space(requested.getId());
    const auto node = nodes_.at(requested.getId());
    if (const auto noted = annotation(node.getAnnotations(), words::aggregate)) {
      const auto about = noted->getStruct().getAs<bv::wire::Aggregate>();
      made.is_aggregate = true;
      made.name = about.getName().cStr();
      made.domain = about.getDomain().cStr();
      made.snapshot_every = about.getSnapshotEvery();
      made.retain_days = about.getRetainDays();
    }
    for (auto import : requested.getImports())
      if (import.getId() != words::file && has_values(import.getId())) {
        std::string path = import.getName().cStr();
        made.imports.push_back(path.starts_with("/") ? path.substr(1) : path);
      }
    std::vector<structure> found;
    for (auto nested : node.getNestedNodes()) {
      const auto child = nodes_.at(nested.getId());
      if (child.isEnum()) made.enums.push_back(read_enum(child, nested.getName().cStr()));
      if (child.isStruct()) found.push_back(read_struct(child, nested.getName().cStr()));
    }
    made.structs = in_order(std::move(found), made.cpp_space);
    return made;
  }

 private:
  [[noreturn]] static void refuse(const cs::Node::Reader& node, std::string_view field, const std::string& why) {
    throw std::runtime_error(std::string(node.getDisplayName().cStr()) + "." + std::string(field) + ": " + why);
  }

  bool has_values(std::uint64_t file_id) const {
    const auto node = nodes_.find(file_id);
    const auto space = node == nodes_.end() ? std::nullopt : annotation(node->second.getAnnotations(), cxx_namespace);
    return space && std::string_view(space->getText().cStr()).starts_with("bv::");
  }

  std::uint64_t file_of(std::uint64_t id) const {
    auto node = nodes_.at(id);
    while (!node.isFile()) node = nodes_.at(node.getScopeId());
    return node.getId();
  }

  std::string wire_space(std::uint64_t file_id) const {
    const auto node = nodes_.at(file_id);
    const auto space = annotation(node.getAnnotations(), cxx_namespace);
    if (!space) throw std::runtime_error(std::string(node.getDisplayName().cStr()) + ": lacks $Cxx.namespace");
    return space->getText().cStr();
  }

  std::string cpp_space(std::uint64_t file_id) const {
    const auto wire = wire_space(file_id);
    if (!wire.ends_with("::wire"))
      throw std::runtime_error(wire + ": a contract's $Cxx.namespace ends with ::wire");
    return wire.substr(0, wire.size() - 6);
  }

  std::string short_name(const cs::Node::Reader& node) const {
    const auto scope = nodes_.at(node.getScopeId());
    if (!scope.isFile()) refuse(node, "", "types are declared at the top of a file");
    return std::string(node.getDisplayName().cStr()).substr(node.getDisplayNamePrefixLength());
  }

  enumeration read_enum(const cs::Node::Reader& node, const std::string& name) const {
    enumeration made{name, cpp_name(name), "::" + wire_space(file_of(node.getId())) + "::" + name, {}};
    for (auto value : node.getEnum().getEnumerants())
      made.values.emplace_back(value.getName().cStr(), cpp_name(value.getName().cStr()));
    return made;
  }

  structure read_struct(const cs::Node::Reader& node, const std::string& name) const {
    structure made;
    made.name = name;
    made.cpp = cpp_name(name);
    const auto wire = "::" + wire_space(file_of(node.getId())) + "::";
    made.wire = wire + name;
    if (const auto answer = annotation(node.getAnnotations(), words::answers)) {
      made.is_query = true;
      made.answer = wire + std::string(answer->getText().cStr());
    }
    const auto fields = node.getStruct().getFields();
    made.is_union = node.getStruct().getDiscriminantCount() > 0;
    if (made.is_union && node.getStruct().getDiscriminantCount() != fields.size())
      refuse(node, "", "a struct is either one unnamed union or has none");
    std::set<std::string> cases;
    for (auto member : fields) {
      if (made.is_union && member.getDiscriminantValue() != made.fields.size())
        refuse(node, member.getName().cStr(), "the members of a union are declared in the order of their numbers");
      auto read = read_field(node, member);
      if (made.is_union && (read.of.of != kind::structure || !cases.insert(read.of.cpp).second))
        refuse(node, read.name, "each member of a union has a struct of its own");
      made.fields.push_back(std::move(read));
    }
    return made;
  }

  field read_field(const cs::Node::Reader& node, const cs::Field::Reader& member) const {
    const std::string name = member.getName().cStr();
    if (!member.isSlot()) refuse(node, name, "groups are not supported");
    const auto notes = member.getAnnotations();
    field made;
    made.name = name;
    made.cpp = cpp_name(name);
    made.accessor = upper_first(name);
    made.union_case = upper_snake(name);
    made.of = read_type(node, name, member.getSlot().getType());
    if (member.getSlot().getHadExplicitDefault()) made.initial = read_default(node, made, member.getSlot());
    if (annotation(notes, words::instant)) {
      if (made.of.cpp != "std::int64_t") refuse(node, name, "an $instant is an Int64");
      made.of.instant = true;
      made.of.cpp = "::bv::timestamp";
    }
    if (const auto key = annotation(notes, words::key)) {
      if (made.of.of != kind::list || made.of.element[0].of != kind::structure)
        refuse(node, name, "$key stands on a list of structs");
      made.of.key = cpp_name(key->getText().cStr());
      const auto& element = made.of.element[0].cpp;
      made.of.cpp = "::bv::keyed_list<" + element + ", &" + element + "::" + made.of.key + ">";
    }
    made.optional = annotation(notes, words::optional).has_value();
    if (made.optional && made.of.of != kind::text && made.of.of != kind::list && made.of.of != kind::structure &&
        made.of.of != kind::data)
      refuse(node, name, "$optional stands on a Text, a List or a struct");
    if (auto v = annotation(notes, words::min)) made.bounds.min = v->getInt64();
    if (auto v = annotation(notes, words::max)) made.bounds.max = v->getInt64();
    if (auto v = annotation(notes, words::min_length)) made.bounds.min_length = v->getUint32();
    if (auto v = annotation(notes, words::max_length)) made.bounds.max_length = v->getUint32();
    if (auto v = annotation(notes, words::pattern)) made.bounds.pattern = v->getText().cStr();
    return made;
  }

  std::string read_default(const cs::Node::Reader& node, const field& of, const cs::Field::Slot::Reader& slot) const {
    const auto value = slot.getDefaultValue();
    switch (value.which()) {
      case cs::Value::BOOL: return value.getBool() ? "true" : "false";
      case cs::Value::INT8: return std::to_string(value.getInt8());
      case cs::Value::INT16: return std::to_string(value.getInt16());
      case cs::Value::INT32: return std::to_string(value.getInt32());
      case cs::Value::INT64: return std::to_string(value.getInt64());
      case cs::Value::UINT8: return std::to_string(value.getUint8());
      case cs::Value::UINT16: return std::to_string(value.getUint16());
      case cs::Value::UINT32: return std::to_string(value.getUint32());
      case cs::Value::UINT64: return std::to_string(value.getUint64());
      case cs::Value::ENUM: {
        const auto values = nodes_.at(slot.getType().getEnum().getTypeId()).getEnum().getEnumerants();
        return of.of.cpp + "::" + cpp_name(values[value.getEnum()].getName().cStr());
      }
      default: refuse(node, of.name, "only numbers and enums have defaults");
    }
  }

  type read_type(const cs::Node::Reader& node, const std::string& name, const cs::Type::Reader& from) const {
    const auto integer = [](const char* cpp, bool is_unsigned) {
      return type{.of = kind::integer, .cpp = cpp, .is_unsigned = is_unsigned};
    };
    switch (from.which()) {
      case cs::Type::BOOL: return {.of = kind::boolean, .cpp = "bool"};
      case cs::Type::INT8: return integer("std::int8_t", false);
      case cs::Type::INT16: return integer("std::int16_t", false);
      case cs::Type::INT32: return integer("std::int32_t", false);
      case cs::Type::INT64: return integer("std::int64_t", false);
      case cs::Type::UINT8: return integer("std::uint8_t", true);
      case cs::Type::UINT16: return integer("std::uint16_t", true);
      case cs::Type::UINT32: return integer("std::uint32_t", true);
      case cs::Type::UINT64: return integer("std::uint64_t", true);
      case cs::Type::FLOAT32: return {.of = kind::floating, .cpp = "float"};
      case cs::Type::FLOAT64: return {.of = kind::floating, .cpp = "double"};
      case cs::Type::TEXT: return {.of = kind::text, .cpp = "std::string"};
      case cs::Type::DATA: return {.of = kind::data, .cpp = "std::string"};
      case cs::Type::ENUM: return named(kind::enumeration, from.getEnum().getTypeId());
      case cs::Type::STRUCT: return named(kind::structure, from.getStruct().getTypeId());
      case cs::Type::LIST: {
        auto element = read_type(node, name, from.getList().getElementType());
        if (element.of == kind::list) refuse(node, name, "lists of lists are not supported");
        type made{.of = kind::list, .cpp = "std::vector<" + element.cpp + ">"};
        made.element.push_back(std::move(element));
        return made;
      }
      default: refuse(node, name, "a contract holds plain values only");
    }
  }

  type named(kind of, std::uint64_t id) const {
    const auto node = nodes_.at(id);
    const auto name = short_name(node);
    const auto home = file_of(id);
    return {.of = of, .cpp = "::" + cpp_space(home) + "::" + cpp_name(name), .wire = "::" + wire_space(home) + "::" + name};
  }

  static std::vector<structure> in_order(std::vector<structure> found, const std::string& space) {
    std::map<std::string, const structure*> by_name;
    for (const auto& one : found) by_name.emplace("::" + space + "::" + one.cpp, &one);
    std::vector<structure> ordered;
    std::set<const structure*> placed, open;
    const std::function<void(const structure&)> place = [&](const structure& one) {
      if (placed.contains(&one)) return;
      if (!open.insert(&one).second) throw std::runtime_error(one.name + ": a struct that holds itself is not supported");
      for (const auto& member : one.fields) {
        const auto& held = member.of.of == kind::list ? member.of.element[0].cpp : member.of.cpp;
        if (const auto local = by_name.find(held); local != by_name.end()) place(*local->second);
      }
      placed.insert(&one);
      ordered.push_back(one);
    };
    for (const auto& one : found) place(one);
    return ordered;
  }

  std::map<std::uint64_t, cs::Node::Reader> nodes_;
};

}  // namespace

std::string snake_case(std::string_view camel) {
  std::string snake;
  for (std::size_t i = 0; i < camel.size(); ++i) {
    const auto c = static_cast<unsigned char>(camel[i]);
    if (std::isupper(c) && i > 0) snake.push_back('_');
    snake.push_back(static_cast<char>(std::tolower(c)));
  }
  return snake;
}

file read_file(cs::CodeGeneratorRequest::RequestedFile::Reader requested,
               const std::vector<cs::Node::Reader>& nodes) {
  return reader(nodes).read(requested);
}

}  // namespace bv::generator
