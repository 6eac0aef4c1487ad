#include "sagas/engine/definition.hpp"

#include <algorithm>

#include "protocols/schema/base/assert.hpp"

namespace bv::sagas {

std::optional<bytes> story::answer(std::string_view step) const {
  for (const auto& one : now_.steps) {
    if (one.name != step) continue;
    for (const auto& result : one.results)
      if (!result.empty()) return result;
  }
  return std::nullopt;
}

std::string story::reason() const {
  if (!now_.fault) return {};
  return now_.cause == run::cause::cancel && !now_.fault->message.empty() ? now_.fault->message
                                                                          : now_.fault->code;
}

definitions::definitions(std::vector<definition> all) {
  for (auto& one : all) {
    BV_ASSERT(!one.steps.empty(), "a saga has at least one step");
    BV_ASSERT(one.version > 0, "versions of a definition count from 1");
    const auto name = one.name;
    const auto version = one.version;
    const bool added = by_name_[name].emplace(version, std::move(one)).second;
    BV_ASSERT(added, "a definition was registered twice");
  }
}

const definition* definitions::find(std::string_view name, std::uint32_t version) const {
  const auto versions = by_name_.find(name);
  if (versions == by_name_.end()) return nullptr;
  if (version == 0) return &versions->second.rbegin()->second;
  const auto found = versions->second.find(version);
  return found == versions->second.end() ? nullptr : &found->second;
}

namespace {

/// A saga that was started as a part of this one is cancelled if its step says nothing else.
calls cancel_sagas(const calls& forward, const std::string& reason) {
  calls undone;
  for (const auto& one : forward) {
    auto& undo = undone.emplace_back();
    if (one && one->to == call::target::saga) undo = to_cancel(one->name, one->id, reason);
  }
  return undone;
}

bool to_entity(const call& one) { return one.to != call::target::service; }

bool same_entity(const call& one, const call& other) {
  return to_entity(one) && to_entity(other) && (one.to == call::target::entity) == (other.to == call::target::entity) &&
         one.name == other.name && one.id == other.id;
}

}  // namespace

result<std::vector<branch>> branches_of(const definition& about, const void* input, std::string_view saga_id,
                                        const run::state& now) {
  const auto& current = about.steps[now.current];
  const auto& progress = now.steps[now.current];
  const bool undoing = now.status == run::status::compensating;
  const story so_far(saga_id, now);
  std::vector<branch> found;
  std::size_t number = 0;
  for (const auto& act : current.acts) {
    const auto forward = act.forward(input, so_far);
    if (number + forward.size() > calls_per_step_max)
      return failure(error_kind::internal, "saga_step_too_wide",
                     "a step makes at most " + std::to_string(calls_per_step_max) + " calls", current.name);
    auto asked = !undoing       ? forward
                 : act.backward ? act.backward(input, so_far)
                                : cancel_sagas(forward, so_far.reason());
    for (std::size_t i = 0; i < asked.size() && i < forward.size(); ++i) {
      const auto at = static_cast<std::uint16_t>(number + i);
      const bool had_no_effect = std::ranges::find(progress.refused, at) != progress.refused.end();
      if (!asked[i] || (undoing && had_no_effect)) continue;
      const bool undoes_there = undoing && forward[i] && same_entity(*forward[i], *asked[i]);
      found.push_back({at, std::move(*asked[i]), &act.tolerated, undoes_there});
    }
    number += forward.size();
  }
  return found;
}

}  // namespace bv::sagas
