#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "actors/runtime/node.hpp"
#include "protocols/schema/base/result.hpp"
#include "tools/node/config.hpp"
#include "tools/node/logging.hpp"

namespace bv::tools {

/// A whole node: store, shards, read models, sagas, HTTP.
///
///   start()   opens the folder, answers on HTTP at once (/healthz 200, /readyz 503) and recovers in the background;
///             when every shard serves: /readyz 200, then the sample data
///   stop()    /readyz 503, no new connections, what was accepted is answered, the shards finish, the store closes
class running_node {
 public:
  /// `log` must outlive it. In a cluster it waits, the first time, until the other seeds are there, or `cancelled`. Errors
  /// are those of the store, of the way into the cluster and of the HTTP server's start.
  static result<std::unique_ptr<running_node>> start(
      const node_config& config, logger& log, const std::function<bool()>& cancelled = [] { return false; });
  /// As stop().
  ~running_node();

  /// Blocks until all is finished; idempotent.
  result<void> stop();

  /// Nothing, or why it can't serve yet: what /readyz says.
  result<void> ready();
  /// Blocks until it is ready. Errors: why recovery failed, or `timeout`.
  result<void> wait_until_ready(std::chrono::milliseconds at_most);

  /// 0 if HTTP is off.
  [[nodiscard]] std::uint16_t http_port() const;
  /// The way in without a protocol, for programs that run a node inside.
  runtime::node& actors();

 private:
  struct parts;
  explicit running_node(std::unique_ptr<parts> made);
  std::unique_ptr<parts> parts_;
};

}  // namespace bv::tools
