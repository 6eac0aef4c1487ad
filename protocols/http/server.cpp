#include "protocols/http/server.hpp"

#include <atomic>

#include "protocols/http/command_endpoint.hpp"
#include "protocols/http/core.hpp"
#include "protocols/http/documents.hpp"
#include "protocols/http/event_feed.hpp"
#include "protocols/http/front.hpp"
#include "protocols/http/log_endpoints.hpp"
#include "protocols/http/route_table.hpp"
#include "protocols/http/state_endpoint.hpp"
#include "protocols/http/static_endpoint.hpp"
#include "protocols/http/worker_pool.hpp"

namespace bv::http {

struct server::parts {
  parts(const options& how, dependencies d)
      : with(std::move(d)),
        contracts(with.aggregates),
        blocking(how.blocking_threads, how.blocking_waiting_max),
        around{with.entities, with.events, contracts, blocking, how.node_name, with.cluster},
        feed(around, how.bounds.streams_max, how.bounds.stream_buffer_bytes_max, how.heartbeat),
        entrance(routes, how.allowed_origins) {}

  dependencies with;
  contract_book contracts;
  worker_pool blocking;
  surroundings around;
  event_feed feed;
  route_table routes;
  front entrance;
  std::atomic<bool> stopping{false};
  std::unique_ptr<core> listening;  // last: it ends first

  result<void> add_routes_of_contracts();
  result<void> add_common_routes();
  result<std::string> readiness() const;
};

result<void> server::parts::add_routes_of_contracts() {
  for (const auto* contract : with.aggregates) {
    for (const auto& route : contract->state_routes())
      BV_TRY(
          routes.add(method_from(route.method), route.path, make_state_endpoint(around, *contract, route)));
    for (const auto& command : contract->commands()) {
      if (command.internal) continue;
      for (const auto& route : command.routes) {
        BV_ASSIGN(auto made, make_command_endpoint(around, *contract, command, route));
        BV_TRY(routes.add(method_from(route.method), route.path, std::move(made)));
      }
    }
  }
  for (const auto& query : with.queries) {
    const auto& route = query->contract().route();
    BV_TRY(routes.add(method_from(route.method), route.path, make_query_endpoint(around, *query)));
  }
  return {};
}

result<std::string> server::parts::readiness() const {
  if (stopping) return failure(error_kind::unavailable, "stopping", "the node is stopping");
  if (with.ready) BV_TRY(with.ready());
  return std::string(R"({"status":"ready"})");
}

result<void> server::parts::add_common_routes() {
  BV_TRY(routes.add(method::post, "/api/actors/{type}/{id}/{command}", make_any_command_endpoint(around)));
  BV_TRY(routes.add(method::get, "/api/actors/{type}/{id}", make_any_state_endpoint(around)));
  BV_TRY(routes.add(method::get, "/api/actors/{type}/{id}/events", make_history_endpoint(around)));
  BV_TRY(routes.add(method::get, "/api/events", make_events_endpoint(around)));
  BV_TRY(routes.add(method::get, "/api/events/stream", make_stream_endpoint(around, feed)));
  BV_TRY(routes.add(method::get, "/api/cluster", make_cluster_endpoint(around)));
  BV_TRY(routes.add(method::get, "/healthz", make_alive_endpoint()));
  BV_TRY(routes.add(method::get, "/readyz",
                    make_asking_endpoint(blocking, "application/json", [this] { return readiness(); })));
  BV_TRY(routes.add(method::get, "/metrics",
                    make_asking_endpoint(blocking, "text/plain; version=0.0.4; charset=utf-8",
                                         [this]() -> result<std::string> {
                                           return with.metrics ? with.metrics() : std::string();
                                         })));
  return {};
}

server::server(std::unique_ptr<parts> p) : parts_(std::move(p)) {}
server::~server() {
  stop();
}

result<std::unique_ptr<server>> server::start(const options& how, dependencies with) {
  auto p = std::make_unique<parts>(how, std::move(with));
  BV_TRY(p->add_routes_of_contracts());
  BV_TRY(p->add_common_routes());
  std::vector<const schema::query_contract*> queries;
  for (const auto& query : p->with.queries) queries.push_back(&query->contract());
  BV_TRY(add_documents(p->routes, p->contracts, queries, how.version));
  BV_ASSIGN(p->listening, core::start({how.listen, how.io_threads, how.bounds}, p->entrance));
  return std::unique_ptr<server>(new server(std::move(p)));
}

std::uint16_t server::port() const {
  return parts_->listening->port();
}
const counters& server::counts() const {
  return parts_->listening->counts();
}
void server::announce_stop() {
  parts_->stopping = true;
}

void server::stop() {
  parts_->stopping = true;
  parts_->listening->stop();
  parts_->feed.stop();
  parts_->blocking.stop();
}

}  // namespace bv::http
