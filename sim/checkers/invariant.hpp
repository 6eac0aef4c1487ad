#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/checkers/checker.hpp"
#include "sim/plan/plan.hpp"

/// What the invariants have in common; each is in a file of its own.
namespace bv::sim {

/// A checker with a name, which complains a bounded number of times: a run that goes wrong early would otherwise say
/// the same of every record after.
class judge : public checker {
 public:
  static constexpr std::size_t reports_max = 20;

  [[nodiscard]] std::string_view name() const final { return name_; }

 protected:
  explicit judge(std::string_view name) : name_(name) {}
  void report(std::vector<violation>& to, timestamp at, std::string what) {
    if (reports_ == reports_max) return;
    ++reports_;
    to.push_back({std::string(name_), std::move(what), at});
  }

 private:
  const std::string_view name_;
  std::size_t reports_ = 0;
};

/// Name, description, and how to make one for a plan, which must outlive it.
struct invariant {
  invariant_description about;
  std::unique_ptr<checker> (*make)(const plan& of);
};

invariant money_conserved();
invariant never_oversold();
invariant acknowledged_once();
invariant log_sound();
invariant sagas_end();
invariant timers_fire();
invariant linearizable();
invariant stale_is_committed();
invariant last_state_is_the_log();
invariant read_models_follow();
invariant bounded_memory();
invariant replicas_agree();
invariant commits_are_safe();
invariant promises_kept();
invariant one_leader_a_term();

}  // namespace bv::sim
