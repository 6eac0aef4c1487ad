#pragma once

#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "actors/runtime/note.hpp"
#include "actors/runtime/subscription.hpp"
#include "sagas/engine/call.hpp"

namespace bv::sagas {

/// "When this has happened, that is to be done": an event of one aggregate type, and a pure function from it
/// to calls (commands to aggregates, starts of sagas). Each event's calls are made under ids derived from the
/// event, so that an event which comes again changes nothing.
struct reaction {
  std::string name;           ///< part of the ids: never change it
  std::string type;           ///< aggregate type
  std::uint16_t ordinal = 0;  ///< of the event in the contract's union
  bool needs_state = false;   ///< the function wants the aggregate's present state too
  std::function<result<std::vector<call>>(const runtime::logged_event&, bytes_view state)> respond;
};

namespace detail {
template <class Fact, class... All>
constexpr std::uint16_t ordinal_in(const std::variant<All...>*) {
  std::uint16_t found = 0, at = 0;
  ((std::is_same_v<Fact, All> ? void(found = at) : void(), ++at), ...);
  return found;
}
}  // namespace detail

/// `when<cart::contract, cart::checkout_started>("checkout", [](const cart::checkout_started& fact) { return
/// … })`. The function gives a call, or a list of them.
template <class Contract, class Fact, class Respond>
reaction when(std::string name, Respond respond) {
  using event_type = typename Contract::event_type;
  constexpr auto ordinal = detail::ordinal_in<Fact>(static_cast<const event_type*>(nullptr));
  return {std::move(name), Contract::reflection().name(), ordinal, false,
          [respond](const runtime::logged_event& event, bytes_view) -> result<std::vector<call>> {
            event_type happened;
            BV_TRY(Contract::decode(event.payload, happened));
            return std::vector<call>{respond(std::get<Fact>(happened))};
          }};
}

/// The same for a function that also wants the aggregate's state. That is the state of now, not of the event:
/// use of it only what does not change.
template <class Contract, class Fact, class Respond>
reaction when_with_state(std::string name, Respond respond) {
  using event_type = typename Contract::event_type;
  constexpr auto ordinal = detail::ordinal_in<Fact>(static_cast<const event_type*>(nullptr));
  return {std::move(name), Contract::reflection().name(), ordinal, true,
          [respond](const runtime::logged_event& event, bytes_view state) -> result<std::vector<call>> {
            event_type happened;
            BV_TRY(Contract::decode(event.payload, happened));
            typename Contract::state_type now;
            BV_TRY(Contract::decode(state, now));
            return std::vector<call>{respond(std::get<Fact>(happened), now)};
          }};
}

/// Reactions under one cursor of the log; `name` is the cursor's. A call that is refused is noted and done
/// with: an event can't be unhappened. One that fails is tried again, and holds the cursor back.
std::shared_ptr<runtime::event_handler> make_reactions(std::string name, std::vector<reaction> reactions,
                                                       runtime::note_handler notes);

/// What a call amounts to when it comes from outside of a saga. Only commands and starts of sagas.
runtime::command_request to_request(const call& asked, std::string_view tenant, std::string command_id,
                                    const runtime::caller& from);

}  // namespace bv::sagas
