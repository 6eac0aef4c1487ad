#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "protocols/schema/base/assert.hpp"
#include "protocols/schema/base/bytes.hpp"
#include "protocols/schema/base/entity_key.hpp"
#include "protocols/schema/base/result.hpp"
#include "protocols/schema/base/time.hpp"

namespace bv::schema {
class aggregate_contract;
}

namespace bv::runtime {

/// Rows of other aggregates' projections that a decision may look at. They trail the truth by the
/// projection's lag, so a decision uses them for advice (price, availability), never for a promise.
class facts {
 public:
  virtual ~facts() = default;
  /// The encoded row of a projection, or nothing.
  virtual std::optional<bytes> find(std::string_view projection, std::string_view key) const = 0;
};

/// All that a decision may know besides the state and the command.
struct context {
  timestamp now;
  const entity_key& self;
  std::uint64_t version;     ///< events of this entity before the command; 0: it does not exist yet
  bytes_view principal;      ///< who asks; empty for timers and sagas
  bytes_view command_id;
  std::uint64_t random;      ///< fresh for each command
  const facts& known;

  /// Looks a fact up and decodes it into a generated type.
  template <class Row>
  std::optional<Row> find(std::string_view projection, std::string_view key) const {
    const auto found = known.find(projection, key);
    if (!found) return std::nullopt;
    Row row;
    if (!decode(*found, row)) return std::nullopt;  // generated beside Row
    return row;
  }
};

struct encoded_event {
  std::uint16_t ordinal = 0;
  bytes payload;
};

/// State of one entity, opaque to the runtime.
class entity_state {
 public:
  virtual ~entity_state() = default;
};

class companion;
class companion_services;

/// An aggregate's rules with the types taken away: one stateless object for each type of the node.
class aggregate_type {
 public:
  virtual ~aggregate_type() = default;

  virtual const schema::aggregate_contract& contract() const = 0;
  virtual std::unique_ptr<entity_state> create() const = 0;

  /// Decodes and validates the command, decides, and evolves `state` by what was decided. An error
  /// leaves the state as it was.
  virtual result<std::vector<encoded_event>> handle(entity_state& state, bytes_view command,
                                                    const context& about) const = 0;
  /// Evolves by an event read back from the journal.
  virtual result<void> replay(entity_state& state, bytes_view payload) const = 0;

  virtual bytes encode(const entity_state& state) const = 0;
  virtual result<std::unique_ptr<entity_state>> decode(bytes_view data) const = 0;

  /// When the entity wants to be woken; 0 for never. A pure function of the state.
  virtual timestamp wake_at(const entity_state& state) const = 0;
  /// The command that it is woken with; asked only when wake_at is not 0.
  virtual bytes wake_command(const entity_state& state) const = 0;

  /// True while the entity has work of its own to do (a running saga): it is then not passivated, and a
  /// restart spawns it at once instead of at its first message.
  virtual bool active(const entity_state&) const { return false; }

  /// The volatile side of an entity that acts on others once its events are committed (sagas); null for
  /// plain aggregates. Made when the entity is spawned.
  virtual std::unique_ptr<companion> make_companion(const entity_key& self, companion_services& services) const;
};

/// A wish to be sent `command` at `at`. It survives restarts; it comes at or after its time, never before.
template <class Command>
struct wake_up_at {
  timestamp at;
  Command command;
};

/// Calls of the functions that an aggregate's source file provides beside its generated types, found by
/// argument-dependent lookup:
///
///   result<std::vector<event>> decide(const state&, const command&, const runtime::context&);
///   void evolve(state&, const event&);
///   std::optional<runtime::wake_up_at<command>> wake_up(const state&);   // may be left out
namespace rules {

template <class State, class Command>
auto call_decide(const State& state, const Command& command, const context& about) {
  return decide(state, command, about);
}

template <class State, class Event>
void call_evolve(State& state, const Event& event) {
  evolve(state, event);
}

template <class State>
concept wakes = requires(const State& state) { wake_up(state); };

template <class State>
auto call_wake_up(const State& state) {
  return wake_up(state);
}

}  // namespace rules

/// An aggregate type made of its free functions. `Contract` is the struct `contract` that the generator puts
/// beside the value types: `state_type`, `command_type`, `event_type`, `reflection()`, and static `encode`,
/// `decode` and `validate` for the three.
template <class Contract>
class typed_aggregate final : public aggregate_type {
  using state_type = typename Contract::state_type;
  using command_type = typename Contract::command_type;
  using event_type = typename Contract::event_type;

  struct holder final : entity_state {
    state_type value;
  };

 public:
  const schema::aggregate_contract& contract() const override { return Contract::reflection(); }

  std::unique_ptr<entity_state> create() const override { return std::make_unique<holder>(); }

  result<std::vector<encoded_event>> handle(entity_state& state, bytes_view command,
                                            const context& about) const override {
    auto& current = static_cast<holder&>(state).value;
    command_type typed;
    BV_TRY(Contract::decode(command, typed));
    BV_TRY(Contract::validate(typed));
    auto events = rules::call_decide(std::as_const(current), typed, about);
    if (!events) return tl::unexpected<error>(std::move(events).error());
    std::vector<encoded_event> encoded;
    encoded.reserve(events->size());
    for (const event_type& event : *events) {
      encoded.push_back({static_cast<std::uint16_t>(event.index()), Contract::encode(event)});
      rules::call_evolve(current, event);
    }
    return encoded;
  }

  result<void> replay(entity_state& state, bytes_view payload) const override {
    event_type typed;
    BV_TRY(Contract::decode(payload, typed));
    rules::call_evolve(static_cast<holder&>(state).value, typed);
    return {};
  }

  bytes encode(const entity_state& state) const override {
    return Contract::encode(static_cast<const holder&>(state).value);
  }

  result<std::unique_ptr<entity_state>> decode(bytes_view data) const override {
    auto made = std::make_unique<holder>();
    BV_TRY(Contract::decode(data, made->value));
    return made;
  }

  timestamp wake_at(const entity_state& state) const override {
    if constexpr (rules::wakes<state_type>)
      if (const auto wish = rules::call_wake_up(static_cast<const holder&>(state).value)) return wish->at;
    return {};
  }

  bytes wake_command(const entity_state& state) const override {
    if constexpr (rules::wakes<state_type>)
      if (const auto wish = rules::call_wake_up(static_cast<const holder&>(state).value))
        return Contract::encode(command_type(wish->command));
    BV_ASSERT(false, "an entity without a wake-up was woken");
    return {};
  }
};

}  // namespace bv::runtime
