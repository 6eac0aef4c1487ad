#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocols/schema/sagas/saga.hpp"

namespace bv::sim {

/// What the log says of one saga, and what in it can't be: the contract draws which way leads where.
struct saga_facts {
  std::string definition, input;
  sagas::run::status status = sagas::run::status::unstarted;
  std::vector<std::string> steps;
  std::uint32_t current = 0;  ///< step that is being done, or undone
  timestamp started_at, deadline_at, step_timeout_at;
  bool point_of_no_return_passed = false;
  bool was_parked = false;
  sagas::run::fault fault;  ///< of the last parking
  timestamp parked_at;
  std::vector<std::uint32_t> times_done, times_undone;  ///< by step

  /// When it is due to be woken; 0 for never.
  [[nodiscard]] timestamp due() const;
  /// No steps follow any more.
  [[nodiscard]] bool over() const;
};

/// Takes the event in. What is wrong with it, as a sentence without subject; empty: nothing.
std::string fold(saga_facts& now, const sagas::run::event& happened);

}  // namespace bv::sim
