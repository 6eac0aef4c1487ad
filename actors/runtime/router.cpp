#include "actors/runtime/router.hpp"

#include <caf/send.hpp>
#include <utility>

#include "actors/runtime/shard_actor.hpp"
#include "protocols/schema/base/hash.hpp"
#include "protocols/schema/base/mutation.hpp"

namespace bv::runtime {

storage::shard_id shard_of(const entity_key& who, std::size_t shard_count) {
  return storage::shard_id{static_cast<std::uint16_t>(hash64(who.type_and_id()) % shard_count)};
}

router::router(const clock& time, const aggregate_types& types, const limits& bounds)
    : time_(time), types_(types), bounds_(bounds) {}

void router::connect(std::vector<caf::actor> shards, std::vector<shard_metrics*> measured) {
  shards_ = std::move(shards);
  measured_ = std::move(measured);
}

result<void> router::check(const entity_key& who) const {
  if (types_.contains(who.type())) return {};
  return failure(error_kind::not_found, "unknown_type",
                 "there is no aggregate type '" + std::string(who.type()) + "' on this node", "type");
}

result<void> router::admit(storage::shard_id shard) const {
  auto& measured = *measured_[shard.value];
  if (measured.in_flight.add(1) <= bounds_.in_flight_per_shard_max) return {};
  if (!mutated(mutation::overload_leaks_admission)) measured.in_flight.add(-1);
  measured.commands_overloaded.add();
  error busy{error_kind::overloaded, "overloaded", "too many requests are in flight; nothing was done"};
  busy.retry_after_ms = bounds_.overloaded_retry_after_ms;
  return failure(std::move(busy));
}

void router::ask(command_request request, receipt_handler answer) {
  if (auto known = check(request.entity); !known) return answer(failure(known.error()));
  if (request.command.size() > bounds_.command_size_bytes_max)
    return answer(failure(error_kind::too_large, "command_too_large",
                          "a command has at most " + std::to_string(bounds_.command_size_bytes_max) + " bytes"));
  if (request.command_id.size() > bounds_.command_id_size_bytes_max)
    return answer(failure(error_kind::too_large, "command_id_too_large",
                          "a command id has at most " + std::to_string(bounds_.command_id_size_bytes_max) + " bytes"));
  const auto shard = shard_of(request.entity, shards_.size());
  if (auto admitted = admit(shard); !admitted) return answer(failure(admitted.error()));
  const auto now = time_.now();
  if (request.deadline == timestamp{}) request.deadline = now + bounds_.default_deadline;
  caf::anon_send(shards_[shard.value], admitted_command{std::move(request), std::move(answer), now});
}

void router::view(view_request request, view_handler answer) {
  if (auto known = check(request.entity); !known) return answer(failure(known.error()));
  const auto shard = shard_of(request.entity, shards_.size());
  if (auto admitted = admit(shard); !admitted) return answer(failure(admitted.error()));
  const auto now = time_.now();
  if (request.deadline == timestamp{}) request.deadline = now + bounds_.default_deadline;
  caf::anon_send(shards_[shard.value], admitted_view{std::move(request), std::move(answer), now});
}

}  // namespace bv::runtime
