#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/runtime/cluster_status.hpp"
#include "actors/runtime/event_log.hpp"
#include "actors/runtime/gateway.hpp"
#include "actors/runtime/query.hpp"
#include "protocols/http/counters.hpp"
#include "protocols/http/limits.hpp"
#include "protocols/schema/base/result.hpp"
#include "protocols/schema/contract.hpp"

namespace bv::http {

struct options {
  std::string listen = "127.0.0.1:8080";  ///< address:port; port 0 takes a free one
  unsigned io_threads = 1;
  unsigned blocking_threads = 2;            ///< for queries and histories, which may touch the disk
  std::size_t blocking_waiting_max = 1024;  ///< questions that wait for such a thread; beyond: 429
  limits bounds;
  std::vector<std::string> allowed_origins;     ///< for CORS; "*" allows all
  std::chrono::milliseconds heartbeat{15'000};  ///< of live streams
  std::string node_name = "node";
  std::string version = "0.1.0";  ///< of the API, for OpenAPI
};

/// What the server works with. All of it must outlive the server, and the gateway's answers.
struct dependencies {
  runtime::gateway& entities;
  runtime::event_log& events;
  std::vector<const schema::aggregate_contract*> aggregates;
  std::vector<std::shared_ptr<const runtime::query_handler>> queries;
  /// For /readyz: nothing, or why the node can't serve yet. May block.
  std::function<result<void>()> ready;
  /// For /api/cluster; nothing in it if the node is alone.
  std::function<runtime::cluster_status()> cluster;
  /// For /metrics: the text of Prometheus' exposition format. May block.
  std::function<std::string()> metrics;
};

/// The node's HTTP side: every route of every contract, the generic routes, OpenAPI, documentation, health.
class server {
 public:
  /// Errors: `bad_listen_address`, `listen_failed`, `route_taken`, `bad_route` (a contract's route can't be
  /// served).
  static result<std::unique_ptr<server>> start(const options& how, dependencies with);
  /// stop()
  ~server();

  std::uint16_t port() const;
  const counters& counts() const;

  /// From here on /readyz says no, so that a balancer sends nothing more. Requests are still served.
  void announce_stop();
  /// Stops accepting, lets the requests under way finish, ends the live streams. Blocks; idempotent. The
  /// gateway must still answer meanwhile.
  void stop();

 private:
  struct parts;
  explicit server(std::unique_ptr<parts> p);
  std::unique_ptr<parts> parts_;
};

}  // namespace bv::http
