#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "actors/runtime/aggregate.hpp"
#include "actors/runtime/metrics.hpp"
#include "actors/runtime/note.hpp"
#include "sagas/engine/definition.hpp"
#include "sagas/engine/downstream.hpp"

namespace bv::sagas {

/// How sagas fare, since the node started. Threads: any.
struct engine_metrics {
  runtime::counter completed, compensated, cancelled, parked;
  runtime::counter steps_done, steps_undone;
  runtime::counter calls;  ///< asked of aggregates, services and sagas, repetitions included
  runtime::counter failed_attempts;
  runtime::counter advances;  ///< records that progress took in the journal
};

/// What all sagas of a node share. Lives as long as the aggregate type.
struct engine_parts {
  definitions known;
  std::map<std::string, std::shared_ptr<downstream>, std::less<>> services;
  runtime::note_handler notes;
  engine_metrics measured;
};

struct engine_options {
  std::vector<definition> definitions;
  std::vector<std::shared_ptr<downstream>> services;
  runtime::note_handler notes;
};

std::shared_ptr<engine_parts> make_engine(engine_options options);

/// The aggregate type `saga`: register it with the node as any other.
std::unique_ptr<runtime::aggregate_type> make_saga(std::shared_ptr<engine_parts> engine);

/// The aggregate type's name, in addresses and routes.
inline constexpr std::string_view saga_type_name = "saga";

}  // namespace bv::sagas
