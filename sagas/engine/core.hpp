#pragma once

#include <cstdint>
#include <vector>

#include "actors/runtime/aggregate.hpp"
#include "protocols/schema/sagas/saga.hpp"
#include "sagas/engine/definition.hpp"

namespace bv::sagas {

inline constexpr std::size_t signals_max = 100;
inline constexpr std::size_t followers_max = 16;

/// The rules of a saga: what a command makes happen. Evolves `now` by it; an error leaves `now` in any state.
/// Pure.
result<std::vector<run::event>> decide(const definitions& known, run::state& now, const run::command& asked,
                                       const runtime::context& about);

/// Needs no definition: a journal stays readable when the definition is gone.
void evolve(run::state& now, const run::event& happened);

/// What a finished step makes happen, for a supervisor that runs ahead: the same as decide() will find.
std::vector<run::event> on_finished(const definition& about, run::state& now, const run::finished& step,
                                    timestamp at);

/// When the deadline or the current step's timeout strikes; 0 for never.
timestamp wake_at(const run::state& now);

/// True while the saga has something to do that does not come from outside.
bool is_active(const run::state& now);
bool is_over(run::status status);

/// True if a step may not begin before everything ahead of it is journaled.
bool needs_journal_before(const definition& about, std::size_t step);

/// The last step that a supervisor may have begun if `current` is the one in the journal.
std::size_t reach_of(const definition& about, std::size_t current);

}  // namespace bv::sagas
