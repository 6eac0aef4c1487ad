#include "sagas/engine/application.hpp"

#include <iterator>
#include <utility>

#include "sagas/engine/saga_list.hpp"

namespace bv::sagas {
namespace {

template <class To, class From>
void append(std::vector<To>& all, std::vector<From>&& more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

application::application(std::vector<domain> domains, runtime::note_handler notes) {
  engine_options engine{.definitions = {}, .services = {}, .notes = notes};
  for (auto& each : domains) {
    append(aggregates_, std::move(each.aggregates));
    append(projections_, std::move(each.projections));
    append(engine.definitions, std::move(each.definitions));
    append(engine.services, std::move(each.services));
    queries_.push_back(std::move(each.queries));
    handlers_.push_back(make_reactions(std::move(each.name), std::move(each.reactions), notes));
  }
  engine_ = make_engine(std::move(engine));
  aggregates_.push_back(make_saga(engine_));
  projections_.push_back(make_saga_list());
  queries_.emplace_back([](const view_finder& find) { return saga_queries(find("saga_list")); });
}

void application::register_with(runtime::node_options& node) const {
  node.aggregates.insert(node.aggregates.end(), aggregates_.begin(), aggregates_.end());
  node.projections.insert(node.projections.end(), projections_.begin(), projections_.end());
  node.handlers.insert(node.handlers.end(), handlers_.begin(), handlers_.end());
}

query_handlers application::queries(const view_finder& find) const {
  query_handlers all;
  for (const auto& make : queries_) append(all, make(find));
  return all;
}

std::vector<const schema::aggregate_contract*> application::contracts() const {
  std::vector<const schema::aggregate_contract*> all;
  for (const auto& type : aggregates_) all.push_back(&type->contract());
  return all;
}

}  // namespace bv::sagas
