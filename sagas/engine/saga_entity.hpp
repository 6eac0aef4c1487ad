#pragma once

#include "actors/runtime/aggregate.hpp"
#include "protocols/schema/sagas/saga.hpp"

namespace bv::sagas {

/// The state of a saga as the runtime holds it.
struct saga_entity final : runtime::entity_state {
  run::state value;
};

}  // namespace bv::sagas
