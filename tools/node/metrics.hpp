#pragma once

#include <string>

#include "actors/runtime/node.hpp"
#include "protocols/http/counters.hpp"
#include "sagas/engine/engine.hpp"
#include "tools/node/commit_meter.hpp"

namespace bv::tools {

/// What a node measures, as /metrics shows it. docs/operations.md lists every name.
struct measured_parts {
  const runtime::node_metrics& runtime;
  const commit_meter& commits;
  const sagas::engine_parts& sagas;
  const http::counters& http;
  bool ready = false;
  std::uint64_t dropped_log_lines = 0;
};

std::string render_metrics(const measured_parts& parts);

}  // namespace bv::tools
