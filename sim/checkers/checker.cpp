#include "sim/checkers/checker.hpp"

#include <algorithm>

#include "protocols/schema/nearest.hpp"
#include "sim/checkers/invariant.hpp"

namespace bv::sim {
namespace {

std::vector<invariant> invariants() {
  return {money_conserved(), never_oversold(), acknowledged_once(),      log_sound(),          sagas_end(),
          timers_fire(),     linearizable(),   last_state_is_the_log(), read_models_follow(), bounded_memory(),
          replicas_agree(),  commits_are_safe(), promises_kept(),       one_leader_a_term(),  stale_is_committed()};
}

result<void> check_names(const plan& of) {
  std::vector<std::string_view> known;
  for (const auto& one : invariants()) known.push_back(one.about.name);
  for (const auto& wanted : of.invariants) {
    if (std::ranges::find(known, wanted) != known.end()) continue;
    const auto near = schema::nearest_name(wanted, known);
    return failure(error_kind::invalid, "invariant_unknown",
                   "there is no invariant '" + wanted + "'" +
                       (near.empty() ? "; `bv sim list` names those there are" : "; is '" + std::string(near) + "' meant?"),
                   "invariants");
  }
  return {};
}

}  // namespace

result<std::vector<std::unique_ptr<checker>>> make_checkers(const plan& of) {
  BV_TRY(check_names(of));
  std::vector<std::unique_ptr<checker>> made;
  for (const auto& one : invariants())
    if (of.invariants.empty() || std::ranges::find(of.invariants, one.about.name) != of.invariants.end())
      made.push_back(one.make(of));
  return made;
}

std::vector<invariant_description> all_invariants() {
  std::vector<invariant_description> all;
  for (const auto& one : invariants()) all.push_back(one.about);
  return all;
}

}  // namespace bv::sim
