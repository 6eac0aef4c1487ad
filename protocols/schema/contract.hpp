#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/schema/types.hpp"

namespace bv::schema {

// What a contract says, for everything that treats all aggregates alike: routes, scopes, events, and the types
// (types.hpp) of what is said. Immutable; threads: any.

/// Where the entity's id of a routed command or state comes from.
enum class entity_source : std::uint8_t { path, principal, generated };

/// One part of a route's path: a literal, or a name in braces.
struct path_segment {
  bool is_parameter = false;
  std::string text;
};

struct route {
  std::string method;  ///< GET, POST, PUT, PATCH or DELETE
  std::string path;    ///< /api/cart/items/{sku}
  std::vector<path_segment> segments;
  entity_source entity = entity_source::path;
  std::uint16_t success = 200;
  std::string location;  ///< template with {id} and fields in braces; empty for none
};

/// A member of the Command union.
struct command_type {
  std::string name;  ///< addItem
  std::uint16_t ordinal = 0;
  std::string doc, scope;
  std::vector<route> routes;
  bool internal = false;  ///< sent by timers and sagas only; no protocol offers it
  const struct_type* parameters = nullptr;
};

/// A member of the Event union.
struct event_type {
  std::string name;  ///< itemAdded
  std::uint16_t ordinal = 0;
  std::string type;  ///< ecommerce.cart.item_added.v1
  std::uint16_t version = 1;
  std::string doc;
  const struct_type* payload = nullptr;
};

class aggregate_contract {
 public:
  struct parts {
    type_pool pool;
    std::string name, domain;
    std::uint32_t snapshot_every = 100, retain_days = 0;
    const struct_type *state = nullptr, *command = nullptr, *event = nullptr;
    std::vector<route> state_routes;
    std::string state_scope;
    std::vector<command_type> commands;
    std::vector<event_type> events;
  };
  explicit aggregate_contract(parts of) : of_(std::move(of)) {}

  [[nodiscard]] const std::string& name() const { return of_.name; }
  [[nodiscard]] const std::string& domain() const { return of_.domain; }
  [[nodiscard]] std::uint32_t snapshot_every() const { return of_.snapshot_every; }
  /// 0: the events are kept for ever.
  [[nodiscard]] std::uint32_t retain_days() const { return of_.retain_days; }

  [[nodiscard]] const struct_type& state() const { return *of_.state; }
  /// Where the state is served beside the generic route; usually one or none.
  [[nodiscard]] const std::vector<route>& state_routes() const { return of_.state_routes; }
  [[nodiscard]] const std::string& state_scope() const { return of_.state_scope; }

  /// The unions: roots of the messages that gateway and journal carry.
  [[nodiscard]] const struct_type& command_root() const { return *of_.command; }
  [[nodiscard]] const struct_type& event_root() const { return *of_.event; }
  /// By ordinal.
  [[nodiscard]] const std::vector<command_type>& commands() const { return of_.commands; }
  [[nodiscard]] const std::vector<event_type>& events() const { return of_.events; }
  /// Null if there is none; by the schema's name (addItem).
  [[nodiscard]] const command_type* find_command(std::string_view name) const;
  /// Null if this version does not know it.
  [[nodiscard]] const event_type* find_event(std::uint16_t ordinal) const;

 private:
  parts of_;
};

/// A question with a route of its own, answered by a projection.
class query_contract {
 public:
  struct parts {
    type_pool pool;
    std::string name;  ///< SearchProducts
    std::string doc, scope;
    schema::route route;
    const struct_type *parameters = nullptr, *answer = nullptr;
  };
  explicit query_contract(parts of) : of_(std::move(of)) {}

  [[nodiscard]] const std::string& name() const { return of_.name; }
  [[nodiscard]] const std::string& doc() const { return of_.doc; }
  [[nodiscard]] const std::string& scope() const { return of_.scope; }
  [[nodiscard]] const schema::route& route() const { return of_.route; }
  [[nodiscard]] const struct_type& parameters() const { return *of_.parameters; }
  [[nodiscard]] const struct_type& answer() const { return *of_.answer; }

 private:
  parts of_;
};

}  // namespace bv::schema
