#pragma once

#include <functional>
#include <vector>

#include "actors/runtime/gateway.hpp"
#include "sagas/engine/timer.hpp"

namespace bv::tools {

struct sample_outcome {
  std::size_t created = 0, there_already = 0, failed = 0;
  error last_failure;  ///< if `failed` is not 0
};

/// Sends the commands one after the other, and calls `done` when the last is answered. What may come right (nobody leads a
/// shard) is asked again for a while, under its id. A rejection that says that the thing exists is as good as success.
/// `entities` must live until then, or until `later` has gone.
void send_sample_data(runtime::gateway& entities, sagas::timer& later, std::vector<runtime::command_request> commands,
                      std::function<void(const sample_outcome&)> done);

}  // namespace bv::tools
