#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "protocols/schema/base/time.hpp"

namespace caf {
class actor_system;
}

namespace bv::sim {

/// CAF's scheduler by hand: an actor takes one message when it is told to, and whose turn it is, is drawn. Delayed
/// messages come when time is told to have passed. One thread.
class actor_turns {
 public:
  /// With `shuffle` any actor that has mail may be next; without, the one that has waited longest.
  actor_turns(std::uint64_t seed, bool shuffle);
  /// All actors must have ended.
  ~actor_turns();

  caf::actor_system& system();
  [[nodiscard]] bool idle() const;
  /// One actor takes one message. Returns its number, which it was given in the order of spawning; nothing if idle.
  std::optional<std::uint64_t> run_one();

  /// How long after the beginning the next delayed message is due.
  [[nodiscard]] std::optional<duration> next_due() const;
  /// Time since the beginning; what is due by then is delivered.
  void pass_to(duration since_beginning);

 private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

}  // namespace bv::sim
