#include "protocols/schema/generator/rules.hpp"

#include <re2/re2.h>

#include <boost/json/parse.hpp>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

#include "protocols/schema/bv.capnp.h"
#include "protocols/schema/vocabulary.hpp"

namespace bv::generator {
namespace {

namespace cs = capnp::schema;
namespace words = bv::schema::vocabulary;
using annotations = capnp::List<cs::Annotation>::Reader;

bool has(annotations all, std::uint64_t id) {
  for (auto one : all)
    if (one.getId() == id) return true;
  return false;
}

[[noreturn]] void refuse(const cs::Node::Reader& node, std::string_view member, const std::string& why) {
  const std::string dot = member.empty() ? "" : ".";
  throw std::runtime_error(std::string(node.getDisplayName().cStr()) + dot + std::string(member) + ": " + why);
}

bool is_integer(cs::Type::Reader type) {
  return type.which() >= cs::Type::INT8 && type.which() <= cs::Type::UINT64;
}

class rules {
 public:
  explicit rules(const std::vector<cs::Node::Reader>& nodes) {
    for (const auto& node : nodes) nodes_.emplace(node.getId(), node);
  }

  void check(std::uint64_t file_id) const {
    const auto file = nodes_.at(file_id);
    const bool aggregate = has(file.getAnnotations(), words::aggregate);
    if (aggregate) check_aggregate(file);
    for (auto nested : file.getNestedNodes()) {
      const auto node = nodes_.at(nested.getId());
      if (!node.isStruct()) continue;
      const std::string_view name = nested.getName().cStr();
      for (auto member : node.getStruct().getFields())
        if (member.isSlot()) check_field(node, member);
      if (has(node.getAnnotations(), words::answers)) check_query(file, node);
      if (aggregate && name == "State") check_routes(node, "", node.getAnnotations(), nullptr);
      if (aggregate && name == "Command") check_commands(node);
    }
  }

 private:
  static void check_aggregate(const cs::Node::Reader& file) {
    for (auto one : file.getAnnotations()) {
      if (one.getId() != words::aggregate) continue;
      const auto about = one.getValue().getStruct().getAs<bv::wire::Aggregate>();
      for (const std::string_view text : {std::string_view(about.getName().cStr()), std::string_view(about.getDomain().cStr())})
        if (text.empty() || text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") != text.npos)
          refuse(file, "", "an aggregate's name and domain are of [a-z0-9_]");
      if (about.getSnapshotEvery() == 0) refuse(file, "", "snapshotEvery is at least 1");
    }
  }

  void check_field(const cs::Node::Reader& node, const cs::Field::Reader& member) const {
    const auto notes = member.getAnnotations();
    const auto type = member.getSlot().getType();
    const std::string_view name = member.getName().cStr();
    if ((has(notes, words::min) || has(notes, words::max)) && !is_integer(type))
      refuse(node, name, "$min and $max stand on whole numbers");
    if ((has(notes, words::min_length) || has(notes, words::max_length)) && !type.isText() && !type.isData() && !type.isList())
      refuse(node, name, "$minLength and $maxLength stand on a Text, a Data or a List");
    if (has(notes, words::pattern) && !type.isText()) refuse(node, name, "$pattern stands on a Text");
    if (has(notes, words::generated) && !type.isText()) refuse(node, name, "$generated stands on a Text");
    if (has(notes, words::tombstone) && !type.isBool()) refuse(node, name, "$tombstone stands on a Bool");
    for (auto one : notes) {
      if (one.getId() == words::key) check_key(node, member, one.getValue().getText().cStr());
      if (one.getId() == words::pattern) {
        const re2::RE2 compiled(one.getValue().getText().cStr(), re2::RE2::Quiet);
        if (!compiled.ok()) refuse(node, name, "$pattern is no regular expression: " + compiled.error());
      }
      if (one.getId() == words::example) {
        boost::json::error_code wrong;
        boost::json::parse(one.getValue().getText().cStr(), wrong);
        if (wrong) refuse(node, name, "$example is no JSON value; a text needs quotes: \"\\\"MUG-1\\\"\"");
      }
    }
  }

  void check_key(const cs::Node::Reader& node, const cs::Field::Reader& member, std::string_view key) const {
    const std::string_view name = member.getName().cStr();
    const auto type = member.getSlot().getType();
    if (!type.isList() || !type.getList().getElementType().isStruct()) refuse(node, name, "$key stands on a List of structs");
    const auto element = nodes_.at(type.getList().getElementType().getStruct().getTypeId());
    for (auto field : element.getStruct().getFields())
      if (std::string_view(field.getName().cStr()) == key && field.isSlot() && field.getSlot().getType().isText() &&
          !has(field.getAnnotations(), words::optional))
        return;
    refuse(node, name, "its $key '" + std::string(key) + "' is no Text of the elements, or may be absent");
  }

  void check_query(const cs::Node::Reader& file, const cs::Node::Reader& node) const {
    for (auto one : node.getAnnotations()) {
      if (one.getId() != words::answers) continue;
      bool found = false;
      for (auto nested : file.getNestedNodes())
        found |= nodes_.at(nested.getId()).isStruct() && std::string_view(nested.getName().cStr()) == one.getValue().getText().cStr();
      if (!found) refuse(node, "", std::string("$answers names '") + one.getValue().getText().cStr() + "', which the file does not declare");
    }
    if (!has(node.getAnnotations(), words::route)) refuse(node, "", "a struct with $answers has a $route");
    check_routes(node, "", node.getAnnotations(), &node);
  }

  void check_commands(const cs::Node::Reader& union_node) const {
    for (auto member : union_node.getStruct().getFields()) {
      if (!member.isSlot() || !member.getSlot().getType().isStruct()) continue;  // refused elsewhere
      const auto parameters = nodes_.at(member.getSlot().getType().getStruct().getTypeId());
      const std::string_view name = member.getName().cStr();
      if (has(member.getAnnotations(), words::internal) && has(member.getAnnotations(), words::route))
        refuse(union_node, name, "an $internal command has no $route");
      check_routes(union_node, name, member.getAnnotations(), &parameters);
    }
  }

  /// `parameters`: the struct whose fields the braces may name; null for a state, which has none.
  static void check_routes(const cs::Node::Reader& node, std::string_view member, annotations notes,
                           const cs::Node::Reader* parameters) {
    static const std::set<std::string_view> methods{"GET", "POST", "PUT", "PATCH", "DELETE"};
    const bool query = parameters && parameters->getId() == node.getId();
    for (auto one : notes) {
      if (one.getId() != words::route) continue;
      const auto route = one.getValue().getStruct().getAs<bv::wire::Route>();
      const std::string_view path = route.getPath().cStr();
      if (!methods.contains(route.getMethod().cStr())) refuse(node, member, "a route's method is GET, POST, PUT, PATCH or DELETE");
      if (!path.starts_with("/") || path.ends_with("/")) refuse(node, member, "a route's path begins with a slash and does not end with one");
      const auto braces = names_in_braces(node, member, path);
      const bool from_path = route.getEntity() == bv::wire::EntityId::PATH && !query;
      if (from_path != (braces.contains("id") && !query))
        refuse(node, member, from_path ? "its route has no {id}: say where the entity's id comes from"
                                       : "its route has an {id}, but the id comes from elsewhere");
      for (const auto& name : braces)
        if ((name != "id" || query) && !(parameters && has_scalar(*parameters, name)))
          refuse(node, member, "its route names {" + name + "}, which is no plain field of it");
      for (const auto& name : names_in_braces(node, member, route.getLocation().cStr()))
        if (name != "id" && !(parameters && has_scalar(*parameters, name)))
          refuse(node, member, "its location names {" + name + "}, which is no plain field of it");
      if (parameters && !query && (route.getSuccess() < 200 || route.getSuccess() > 202))
        refuse(node, member, "a command's success is 200, 201 or 202");
    }
  }

  static bool has_scalar(const cs::Node::Reader& node, std::string_view name) {
    for (auto field : node.getStruct().getFields())
      if (std::string_view(field.getName().cStr()) == name && field.isSlot()) {
        const auto type = field.getSlot().getType();
        return !type.isStruct() && !type.isList() && !type.isData();
      }
    return false;
  }

  static std::set<std::string> names_in_braces(const cs::Node::Reader& node, std::string_view member, std::string_view path) {
    std::set<std::string> names;
    for (auto open = path.find('{'); open != path.npos; open = path.find('{', open + 1)) {
      const auto close = path.find('}', open);
      const bool whole_segment = open > 0 && path[open - 1] == '/' && close != path.npos &&
                                 (close + 1 == path.size() || path[close + 1] == '/');
      if (!whole_segment) refuse(node, member, "braces in a route take a whole segment: /{id}/");
      names.emplace(path.substr(open + 1, close - open - 1));
    }
    return names;
  }

  std::map<std::uint64_t, cs::Node::Reader> nodes_;
};

}  // namespace

void check_rules(cs::CodeGeneratorRequest::RequestedFile::Reader requested, const std::vector<cs::Node::Reader>& nodes) {
  rules(nodes).check(requested.getId());
}

}  // namespace bv::generator
