#pragma once

#include <caf/actor.hpp>
#include <memory>
#include <vector>

#include "actors/runtime/clock.hpp"
#include "actors/runtime/gateway.hpp"
#include "actors/runtime/limits.hpp"
#include "actors/runtime/metrics.hpp"
#include "actors/runtime/shard.hpp"

namespace bv::runtime {

/// The shard of an entity: XXH3 of `type/id`.
storage::shard_id shard_of(const entity_key& who, std::size_t shard_count);

/// The gateway of a node: checks a request, admits it, and mails it to the shard's actor. Threads: any.
class router final : public gateway {
 public:
  router(const clock& time, const aggregate_types& types, const limits& bounds);

  /// Shards in the order of their numbers; before the first request.
  void connect(std::vector<caf::actor> shards, std::vector<shard_metrics*> measured);

  void ask(command_request request, receipt_handler answer) override;
  void view(view_request request, view_handler answer) override;

 private:
  result<void> check(const entity_key& who) const;
  /// Takes a place among the requests in flight, or says why not.
  result<void> admit(storage::shard_id shard) const;

  const clock& time_;
  const aggregate_types& types_;
  const limits& bounds_;
  std::vector<caf::actor> shards_;
  std::vector<shard_metrics*> measured_;
};

}  // namespace bv::runtime
