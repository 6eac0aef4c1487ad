#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocols/schema/sagas/saga.hpp"
#include "sagas/engine/call.hpp"
#include "sagas/engine/retry.hpp"

namespace bv::sagas {

/// What a saga has learnt so far, for the functions of its definition.
class story {
 public:
  story(std::string_view saga_id, const run::state& now) : saga_id_(saga_id), now_(now) {}

  [[nodiscard]] std::string_view saga_id() const { return saga_id_; }
  /// What an earlier step was answered: the first answer of its calls that says anything. Nothing if the step
  /// is not known to be done (an undo must expect it). Aggregates answer nothing; services, signals and sagas
  /// do.
  [[nodiscard]] std::optional<bytes> answer(std::string_view step) const;
  /// The same, decoded into a generated type.
  template <class Answer>
  std::optional<Answer> answer_as(std::string_view step) const {
    const auto found = answer(step);
    Answer typed;
    if (!found || !decode(*found, typed)) return std::nullopt;
    return typed;
  }
  /// Why the saga is being undone: the code of the fault, or what was said with the cancel.
  [[nodiscard]] std::string reason() const;

 private:
  std::string_view saga_id_;
  const run::state& now_;
};

/// The input of a run, decoded once.
using saga_input = std::shared_ptr<const void>;

/// Calls of a step that belong together. An element may be absent: that branch has nothing to do.
using calls = std::vector<std::optional<call>>;

struct act {
  std::function<calls(const void* input, const story&)> forward;
  /// The undo of each call of `forward`, at the same place; empty if there is none.
  std::function<calls(const void* input, const story&)> backward;
  std::set<std::string, std::less<>> tolerated;  ///< rejections that are as good as done
};

struct step {
  std::string name;
  std::vector<act> acts;
  std::string signal;  ///< instead of acts: goes on when this comes
  retry_policy retry = default_retry;
  retry_policy undo_retry = default_undo_retry;
  duration timeout{};  ///< of the step with all its attempts; 0: only the saga's deadline
  duration answer_within = std::chrono::seconds{5};  ///< for one attempt
  bool point_of_no_return = false;
  std::size_t at_once_max = 16;  ///< calls of one run of this step that are under way
};

/// When a saga's progress reaches the journal.
enum class progress {
  every_step,   ///< each step is journaled before the next one begins
  checkpoints,  ///< steps run ahead; journaled are failures, the end, the point of no return, waits, and at
                ///< the latest what is older than a second
};

/// One version of a saga. Immutable once it is in use.
struct definition {
  std::string name;
  std::uint32_t version = 1;
  duration deadline = std::chrono::seconds{30};
  progress journaled = progress::every_step;
  std::vector<step> steps;
  std::function<result<saga_input>(bytes_view)> decode_input;  ///< checks the limits too
};

/// Calls that one step of one run may make.
inline constexpr std::size_t calls_per_step_max = 1000;

/// The definitions of a node, by name and version.
class definitions {
 public:
  definitions() = default;
  explicit definitions(std::vector<definition> all);

  /// Version 0 gives the newest; null if there is none.
  [[nodiscard]] const definition* find(std::string_view name, std::uint32_t version = 0) const;

 private:
  std::map<std::string, std::map<std::uint32_t, definition>, std::less<>> by_name_;
};

/// A call of a step with its place in it.
struct branch {
  std::uint16_t number = 0;
  call asked;
  const std::set<std::string, std::less<>>* tolerated = nullptr;  ///< the definition's
  bool undoes_there = false;  ///< takes back what was asked of the same entity
};

/// What the current step calls, or what undoes it. Pure. An error is a bug of the definition (too many
/// calls).
result<std::vector<branch>> branches_of(const definition& about, const void* input, std::string_view saga_id,
                                        const run::state& now);

}  // namespace bv::sagas
