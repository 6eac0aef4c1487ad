#include "protocols/schema/compatibility.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

namespace bv::schema {
namespace {

std::string type_name(const field& of, kind as) {
  switch (as) {
    case kind::boolean: return "Bool";
    case kind::int8: return "Int8";
    case kind::int16: return "Int16";
    case kind::int32: return "Int32";
    case kind::int64: return "Int64";
    case kind::uint8: return "UInt8";
    case kind::uint16: return "UInt16";
    case kind::uint32: return "UInt32";
    case kind::uint64: return "UInt64";
    case kind::float32: return "Float32";
    case kind::float64: return "Float64";
    case kind::text: return "Text";
    case kind::data: return "Data";
    case kind::enumeration: return "an enum";
    case kind::structure: return "a struct";
    case kind::list: return "List(" + type_name(of, of.element) + ")";
  }
  return "something else";
}

std::string signature(const route& on) {
  constexpr const char* sources[] = {"path", "principal", "generated"};
  return on.method + " " + on.path + " (entity from " + sources[static_cast<int>(on.entity)] + ", " +
         std::to_string(on.success) + ")";
}

class comparison {
 public:
  std::vector<breach> found;

  void aggregates(const aggregate_contract& before, const aggregate_contract& now) {
    const auto& name = before.name();
    structs(name + ".State", before.state(), now.state(), stored);
    routes(name + ".State", before.state_routes(), now.state_routes());
    same(name + ".State", "scope", before.state_scope(), now.state_scope());
    commands(before, now);
    events(before, now);
  }

  void queries(const std::string& where, const query_contract& before, const query_contract& now) {
    routes(where, {before.route()}, {now.route()});
    same(where, "scope", before.scope(), now.scope());
    structs(where, before.parameters(), now.parameters(), sent);
    structs(where + " answer", before.answer(), now.answer(), shown);
  }

  /// What a struct is used for decides what may change.
  enum use { stored, sent, shown };

  void structs(const std::string& where, const struct_type& before, const struct_type& now, use as) {
    if (!seen_.insert({&before, &now, as}).second) return;
    if (before.is_union() != now.is_union()) return report(where, "it was a union or has become one");
    for (const auto& old : before.fields()) {
      const auto place = where + "." + old.name;
      if (old.ordinal >= now.fields().size()) {
        report(place, "is gone");
        continue;
      }
      fields(place, old, now.fields()[old.ordinal], as);
    }
    for (auto i = before.fields().size(); i < now.fields().size(); ++i) {
      const auto& added = now.fields()[i];
      // Old values, and old clients, do not have it.
      if (added.required && !now.is_union() && as != shown) report(where + "." + added.name, "is new and must be given");
    }
  }

  void report(std::string where, std::string what) { found.push_back({std::move(where), std::move(what)}); }

 private:
  void fields(const std::string& where, const field& before, const field& now, use as) {
    if (before.name != now.name) return report(where, "its number now means " + now.name);
    const auto old_type = type_name(before, before.of), new_type = type_name(now, now.of);
    if (old_type != new_type) return report(where, "its type was " + old_type + ", now it is " + new_type);
    if (before.slot != now.slot) report(where, "its place in the message has changed");
    if (before.default_bits != now.default_bits) report(where, "its default has changed: stored and left-out values change with it");
    if (before.optional != now.optional) report(where, before.optional ? "was optional" : "has become optional");
    if (before.instant != now.instant) report(where, before.instant ? "was an instant" : "has become an instant");
    if (before.key != now.key) report(where, "its key was '" + before.key + "', now it is '" + now.key + "'");
    if (!before.internal && now.internal) report(where, "is not shown any more");
    if (!before.generated && now.generated) report(where, "can't be sent any more");
    if (as == stored) limits_widen(where, before, now);
    if (as == sent && !before.required && now.required) report(where, "must be given from now on");
    if (before.enumeration) enums(where, *before.enumeration, *now.enumeration);
    if (before.structure) structs(where, *before.structure, *now.structure, as);
  }

  void enums(const std::string& where, const enum_type& before, const enum_type& now) {
    for (std::size_t i = 0; i < before.values.size(); ++i) {
      if (i >= now.values.size())
        report(where, "the value " + before.values[i] + " is gone");
      else if (before.values[i] != now.values[i])
        report(where, "the number of " + before.values[i] + " now means " + now.values[i]);
    }
  }

  void limits_widen(const std::string& where, const field& before, const field& now) {
    const auto& old = before.bounds;
    const auto& fresh = now.bounds;
    if (fresh.min && (!old.min || *fresh.min > *old.min) && !(!old.min && is_unsigned(now.of) && *fresh.min <= 0))
      report(where, "its least value is tighter: " + std::to_string(*fresh.min));
    if (fresh.max && (!old.max || *fresh.max < *old.max)) report(where, "its greatest value is tighter: " + std::to_string(*fresh.max));
    if (fresh.min_length && *fresh.min_length > old.min_length.value_or(0))
      report(where, "its least length is tighter: " + std::to_string(*fresh.min_length));
    if (fresh.max_length && (!old.max_length || *fresh.max_length < *old.max_length))
      report(where, "its greatest length is tighter: " + std::to_string(*fresh.max_length));
    // Whether one expression allows all that another does can't be told in general.
    if (fresh.matches && (!old.matches || old.matches->expression() != fresh.matches->expression()))
      report(where, "its pattern has changed: " + fresh.matches->expression());
  }

  void commands(const aggregate_contract& before, const aggregate_contract& now) {
    for (const auto& old : before.commands()) {
      const auto where = before.name() + ".Command." + old.name;
      if (old.ordinal >= now.commands().size()) {
        report(where, "is gone");
        continue;
      }
      const auto& fresh = now.commands()[old.ordinal];
      if (old.name != fresh.name) {
        report(where, "its number now means " + fresh.name);
        continue;
      }
      if (!old.internal && fresh.internal) report(where, "is not offered any more");
      same(where, "scope", old.scope, fresh.scope);
      routes(where, old.routes, fresh.routes);
      structs(where, *old.parameters, *fresh.parameters, sent);
    }
  }

  void events(const aggregate_contract& before, const aggregate_contract& now) {
    for (const auto& old : before.events()) {
      const auto where = before.name() + ".Event." + old.name;
      if (old.ordinal >= now.events().size()) {
        report(where, "is gone");
        continue;
      }
      const auto& fresh = now.events()[old.ordinal];
      if (old.name != fresh.name) {
        report(where, "its number now means " + fresh.name);
        continue;
      }
      same(where, "type", old.type, fresh.type);
      structs(where, *old.payload, *fresh.payload, stored);
    }
  }

  void routes(const std::string& where, const std::vector<route>& before, const std::vector<route>& now) {
    for (const auto& old : before) {
      const auto wanted = signature(old);
      if (std::none_of(now.begin(), now.end(), [&](const route& one) { return signature(one) == wanted; }))
        report(where, "the route " + wanted + " is gone");
    }
  }

  void same(const std::string& where, std::string_view what, const std::string& before, const std::string& now) {
    if (before != now) report(where, "its " + std::string(what) + " was '" + before + "', now it is '" + now + "'");
  }

  std::set<std::tuple<const struct_type*, const struct_type*, use>> seen_;
};

}  // namespace

std::vector<breach> breaches(const contract_set& released, const contract_set& current) {
  comparison compare;
  for (const auto& [name, before] : released.aggregates) {
    const auto now = current.aggregates.find(name);
    now == current.aggregates.end() ? compare.report(name, "the aggregate is gone") : compare.aggregates(before, now->second);
  }
  for (const auto& [name, before] : released.queries) {
    const auto now = current.queries.find(name);
    now == current.queries.end() ? compare.report(name, "the query is gone") : compare.queries(name, before, now->second);
  }
  for (const auto& [name, before] : released.structs) {
    const auto now = current.structs.find(name);
    now == current.structs.end() ? compare.report(name, "the struct is gone")
                                 : compare.structs(name, *before.type, *now->second.type, comparison::stored);
  }
  return std::move(compare.found);
}

std::string describe(const std::vector<breach>& all) {
  std::string text;
  for (const auto& one : all) text += one.where + ": " + one.what + "\n";
  return text;
}

}  // namespace bv::schema
