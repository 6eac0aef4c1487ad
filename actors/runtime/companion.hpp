#pragma once

#include <functional>

#include "actors/runtime/aggregate.hpp"
#include "actors/runtime/gateway.hpp"
#include "actors/runtime/random.hpp"

namespace bv::runtime {

/// What a companion may use. All callbacks come on the shard's actor, and never after the companion is
/// destroyed (passivation, loss of leadership, stop).
class companion_services {
 public:
  virtual ~companion_services() = default;
  virtual timestamp now() const = 0;
  virtual random_source& random() = 0;
  /// Sends a command to any entity; to the companion's own entity too.
  virtual void ask(command_request request, receipt_handler answer) = 0;
  /// Runs `action` after `delay`. Not durable: what must survive is a wake-up of the state.
  virtual void after(duration delay, std::function<void()> action) = 0;
  /// Wraps a handler so that another thread may call it: it then runs on the shard's actor, if the
  /// companion is still there.
  virtual std::function<void(result<bytes>)> on_shard(std::function<void(result<bytes>)> handler) = 0;
};

/// The volatile side of an entity that acts on others: sees committed states only, so whatever it sends is
/// never undone by a crash. After a restart it is made anew and told the recovered state, so everything
/// that it sends must carry ids derived from the state.
class companion {
 public:
  virtual ~companion() = default;
  /// The entity's committed state; once after spawning and after every commit of its events.
  virtual void committed(const entity_state& state, std::uint64_t version) = 0;
};

}  // namespace bv::runtime
