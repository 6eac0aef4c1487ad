#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "actors/runtime/node.hpp"
#include "actors/runtime/query.hpp"
#include "sagas/engine/engine.hpp"
#include "sagas/engine/reaction.hpp"

namespace bv::sagas {

using view_finder = std::function<std::shared_ptr<const runtime::projection_view>(std::string_view name)>;
using query_handlers = std::vector<std::unique_ptr<runtime::query_handler>>;

/// What one business domain brings to a node.
struct domain {
  std::string name;  ///< names the cursor of its reactions: never change it
  std::vector<std::unique_ptr<runtime::aggregate_type>> aggregates;
  std::vector<std::unique_ptr<runtime::projection>> projections;
  std::function<query_handlers(const view_finder&)> queries;  ///< over those projections
  std::vector<definition> definitions;
  std::vector<std::shared_ptr<downstream>> services;
  std::vector<reaction> reactions;
};

/// All that a node hosts: its domains, and the sagas that run through them. A production node, a benchmark and the
/// simulator host the same.
class application {
 public:
  application(std::vector<domain> domains, runtime::note_handler notes);

  /// Adds its aggregates, projections and handlers.
  void register_with(runtime::node_options& node) const;
  /// The queries of all domains and of the sagas. `find` gives the node's served tables.
  [[nodiscard]] query_handlers queries(const view_finder& find) const;
  [[nodiscard]] std::vector<const schema::aggregate_contract*> contracts() const;
  [[nodiscard]] const engine_parts& engine() const { return *engine_; }

 private:
  std::shared_ptr<engine_parts> engine_;
  std::vector<std::shared_ptr<const runtime::aggregate_type>> aggregates_;
  std::vector<std::shared_ptr<const runtime::projection>> projections_;
  std::vector<std::shared_ptr<runtime::event_handler>> handlers_;
  std::vector<std::function<query_handlers(const view_finder&)>> queries_;
};

}  // namespace bv::sagas
