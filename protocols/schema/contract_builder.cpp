#include "protocols/schema/contract_builder.hpp"

#include <cstring>
#include <map>
#include <optional>
#include <utility>

#include "protocols/schema/base/assert.hpp"
#include "protocols/schema/bv.capnp.h"
#include "protocols/schema/vocabulary.hpp"

namespace bv::schema {
namespace {

namespace cs = capnp::schema;
using annotations = capnp::List<cs::Annotation>::Reader;

std::optional<cs::Value::Reader> noted(annotations all, std::uint64_t id) {
  for (auto one : all)
    if (one.getId() == id) return one.getValue();
  return std::nullopt;
}

std::string noted_text(annotations all, std::uint64_t id) {
  const auto found = noted(all, id);
  return found ? std::string(found->getText().cStr()) : std::string();
}

std::vector<path_segment> split_path(std::string_view path) {
  std::vector<path_segment> segments;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const auto part = path.substr(0, path.find('/'));
    path.remove_prefix(part.size());
    const bool is_parameter = part.starts_with('{') && part.ends_with('}');
    segments.push_back({is_parameter, std::string(is_parameter ? part.substr(1, part.size() - 2) : part)});
  }
  return segments;
}

std::vector<route> routes_of(annotations all) {
  std::vector<route> routes;
  for (auto one : all) {
    if (one.getId() != vocabulary::route) continue;
    const auto about = one.getValue().getStruct().getAs<wire::Route>();
    route made;
    made.method = about.getMethod().cStr();
    made.path = about.getPath().cStr();
    made.segments = split_path(made.path);
    made.entity = static_cast<entity_source>(about.getEntity());
    made.success = about.getSuccess();
    made.location = about.getLocation().cStr();
    routes.push_back(std::move(made));
  }
  return routes;
}

kind kind_of(cs::Type::Which which) {
  switch (which) {
    case cs::Type::BOOL: return kind::boolean;
    case cs::Type::INT8: return kind::int8;
    case cs::Type::INT16: return kind::int16;
    case cs::Type::INT32: return kind::int32;
    case cs::Type::INT64: return kind::int64;
    case cs::Type::UINT8: return kind::uint8;
    case cs::Type::UINT16: return kind::uint16;
    case cs::Type::UINT32: return kind::uint32;
    case cs::Type::UINT64: return kind::uint64;
    case cs::Type::FLOAT32: return kind::float32;
    case cs::Type::FLOAT64: return kind::float64;
    case cs::Type::TEXT: return kind::text;
    case cs::Type::DATA: return kind::data;
    case cs::Type::ENUM: return kind::enumeration;
    case cs::Type::STRUCT: return kind::structure;
    case cs::Type::LIST: return kind::list;
    default: break;
  }
  BV_ASSERT(false, "the generator refuses contracts with any other type");
  return kind::boolean;
}

template <class Number>
std::uint64_t bits_of(Number number) {
  std::uint64_t bits = 0;
  static_assert(sizeof(number) <= sizeof(bits));
  std::memcpy(&bits, &number, sizeof(number));
  return bits;
}

std::uint64_t default_bits(cs::Value::Reader value) {
  switch (value.which()) {
    case cs::Value::BOOL: return value.getBool() ? 1 : 0;
    case cs::Value::INT8: return bits_of(value.getInt8());
    case cs::Value::INT16: return bits_of(value.getInt16());
    case cs::Value::INT32: return bits_of(value.getInt32());
    case cs::Value::INT64: return bits_of(value.getInt64());
    case cs::Value::UINT8: return bits_of(value.getUint8());
    case cs::Value::UINT16: return bits_of(value.getUint16());
    case cs::Value::UINT32: return bits_of(value.getUint32());
    case cs::Value::UINT64: return bits_of(value.getUint64());
    case cs::Value::FLOAT32: return bits_of(value.getFloat32());
    case cs::Value::FLOAT64: return bits_of(value.getFloat64());
    case cs::Value::ENUM: return value.getEnum();
    default: return 0;
  }
}

/// The default as a number; only for kinds that are integers.
bool default_breaks_range(const field& of) {
  std::int64_t value = 0;
  const auto bits = of.default_bits;
  switch (of.of) {
    case kind::int8: value = static_cast<std::int8_t>(bits); break;
    case kind::int16: value = static_cast<std::int16_t>(bits); break;
    case kind::int32: value = static_cast<std::int32_t>(bits); break;
    default: value = static_cast<std::int64_t>(bits); break;
  }
  return (of.bounds.min && value < *of.bounds.min) || (of.bounds.max && value > *of.bounds.max);
}

/// Whether leaving the field out of a request would give a value that breaks the contract.
bool must_be_given(const field& of) {
  if (of.optional || of.generated || of.internal) return false;
  switch (of.of) {
    case kind::text: return of.bounds.min_length.value_or(0) > 0 || (of.bounds.matches && !of.bounds.matches->matches(""));
    case kind::data:
    case kind::list: return of.bounds.min_length.value_or(0) > 0;
    case kind::structure:
      if (of.structure->is_union()) return true;
      for (const auto& inner : of.structure->fields())
        if (inner.required) return true;
      return false;
    default: return is_integer(of.of) && !of.instant && default_breaks_range(of);
  }
}

class builder {
 public:
  explicit builder(type_pool& pool) : pool_(pool) {}

  const struct_type* add(capnp::StructSchema schema) {
    const auto proto = schema.getProto();
    if (const auto known = structs_.find(proto.getId()); known != structs_.end()) return known->second;
    const auto body = proto.getStruct();
    const std::string shown = proto.getDisplayName().cStr();
    const struct_type::layout wire{body.getDataWordCount(), body.getPointerCount(), body.getDiscriminantOffset()};
    auto made = std::make_unique<struct_type>(
        shown.substr(proto.getDisplayNamePrefixLength()), shown.substr(0, shown.rfind(':')),
        noted_text(proto.getAnnotations(), vocabulary::doc), body.getDiscriminantCount() > 0, wire);
    auto* type = made.get();
    pool_.structs.push_back(std::move(made));
    structs_.emplace(proto.getId(), type);
    std::vector<field> fields;
    for (auto member : schema.getFields()) fields.push_back(read(member));
    type->set_fields(std::move(fields));
    return type;
  }

 private:
  const enum_type* add(capnp::EnumSchema schema) {
    const auto proto = schema.getProto();
    if (const auto known = enums_.find(proto.getId()); known != enums_.end()) return known->second;
    auto made = std::make_unique<enum_type>();
    made->name = std::string(proto.getDisplayName().cStr()).substr(proto.getDisplayNamePrefixLength());
    for (auto value : schema.getEnumerants()) made->values.emplace_back(value.getProto().getName().cStr());
    const auto* type = made.get();
    pool_.enums.push_back(std::move(made));
    enums_.emplace(proto.getId(), type);
    return type;
  }

  void resolve(capnp::Type type, field& into) {
    if (type.isStruct()) into.structure = add(type.asStruct());
    if (type.isEnum()) into.enumeration = add(type.asEnum());
  }

  field read(capnp::StructSchema::Field member) {
    const auto proto = member.getProto();
    const auto notes = proto.getAnnotations();
    field made;
    made.name = proto.getName().cStr();
    made.doc = noted_text(notes, vocabulary::doc);
    made.example = noted_text(notes, vocabulary::example);
    made.ordinal = member.getIndex();
    made.slot = proto.getSlot().getOffset();
    made.default_bits = default_bits(proto.getSlot().getDefaultValue());
    const auto type = member.getType();
    made.of = kind_of(type.which());
    resolve(type, made);
    if (type.isList()) {
      made.element = kind_of(type.asList().getElementType().which());
      resolve(type.asList().getElementType(), made);
    }
    made.optional = noted(notes, vocabulary::optional).has_value();
    made.instant = noted(notes, vocabulary::instant).has_value();
    made.generated = noted(notes, vocabulary::generated).has_value();
    made.tombstone = noted(notes, vocabulary::tombstone).has_value();
    made.internal = noted(notes, vocabulary::internal).has_value();
    made.key = noted_text(notes, vocabulary::key);
    if (const auto v = noted(notes, vocabulary::min)) made.bounds.min = v->getInt64();
    if (const auto v = noted(notes, vocabulary::max)) made.bounds.max = v->getInt64();
    if (const auto v = noted(notes, vocabulary::min_length)) made.bounds.min_length = v->getUint32();
    if (const auto v = noted(notes, vocabulary::max_length)) made.bounds.max_length = v->getUint32();
    if (const auto v = noted(notes, vocabulary::pattern))
      made.bounds.matches = std::make_shared<const pattern>(v->getText().cStr());
    made.required = must_be_given(made);
    return made;
  }

  type_pool& pool_;
  std::map<std::uint64_t, const struct_type*> structs_;
  std::map<std::uint64_t, const enum_type*> enums_;
};

command_type read_command(const capnp::StructSchema::Field& member, const field& of) {
  const auto notes = member.getProto().getAnnotations();
  command_type made;
  made.name = of.name;
  made.ordinal = member.getProto().getDiscriminantValue();
  made.doc = of.doc.empty() ? of.structure->doc() : of.doc;
  made.scope = noted_text(notes, vocabulary::scope);
  made.routes = routes_of(notes);
  made.internal = of.internal;
  made.parameters = of.structure;
  return made;
}

event_type read_event(const aggregate_declaration& about, const capnp::StructSchema::Field& member, const field& of) {
  event_type made;
  made.name = of.name;
  made.ordinal = member.getProto().getDiscriminantValue();
  if (const auto version = noted(member.getProto().getAnnotations(), vocabulary::version))
    made.version = version->getUint16();
  made.type = about.domain + "." + about.name + "." + snake_case(of.name) + ".v" + std::to_string(made.version);
  made.doc = of.doc.empty() ? of.structure->doc() : of.doc;
  made.payload = of.structure;
  return made;
}

}  // namespace

std::string snake_case(std::string_view camel) {
  std::string snake;
  for (const char c : camel) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper && !snake.empty()) snake.push_back('_');
    snake.push_back(upper ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return snake;
}

aggregate_contract build_aggregate_contract(const aggregate_declaration& about, capnp::StructSchema state,
                                            capnp::StructSchema command, capnp::StructSchema event) {
  aggregate_contract::parts made;
  made.name = about.name;
  made.domain = about.domain;
  made.snapshot_every = about.snapshot_every;
  made.retain_days = about.retain_days;
  builder types(made.pool);
  made.state = types.add(state);
  made.command = types.add(command);
  made.event = types.add(event);
  made.state_routes = routes_of(state.getProto().getAnnotations());
  made.state_scope = noted_text(state.getProto().getAnnotations(), vocabulary::scope);
  for (auto member : command.getFields())
    made.commands.push_back(read_command(member, made.command->fields()[member.getIndex()]));
  for (auto member : event.getFields())
    made.events.push_back(read_event(about, member, made.event->fields()[member.getIndex()]));
  return aggregate_contract(std::move(made));
}

const struct_type* build_struct_type(type_pool& pool, capnp::StructSchema type) { return builder(pool).add(type); }

query_contract build_query_contract(capnp::StructSchema parameters, capnp::StructSchema answer) {
  query_contract::parts made;
  builder types(made.pool);
  made.parameters = types.add(parameters);
  made.answer = types.add(answer);
  made.name = made.parameters->name();
  made.doc = made.parameters->doc();
  const auto notes = parameters.getProto().getAnnotations();
  made.scope = noted_text(notes, vocabulary::scope);
  auto routes = routes_of(notes);
  BV_ASSERT(routes.size() == 1, "a query has one route");
  made.route = std::move(routes.front());
  return query_contract(std::move(made));
}

}  // namespace bv::schema
