#pragma once

#include <cstdint>
#include <memory>

#include "protocols/schema/base/result.hpp"
#include "tools/bv/config.hpp"
#include "tools/bv/logging.hpp"

namespace bv::tools {

/// A whole node: store, shards, read models, sagas, HTTP.
///
///   start()   opens the folder, answers on HTTP at once (/healthz 200, /readyz 503) and recovers in the background;
///             when every shard serves: /readyz 200, then the sample data
///   stop()    /readyz 503, no new connections, what was accepted is answered, the shards finish, the store closes
class running_node {
 public:
  /// `log` must outlive it. Errors are those of the store and of the HTTP server's start.
  static result<std::unique_ptr<running_node>> start(const node_config& config, logger& log);
  /// As stop().
  ~running_node();

  /// Blocks until all is finished; idempotent.
  result<void> stop();

  [[nodiscard]] std::uint16_t http_port() const;

 private:
  struct parts;
  explicit running_node(std::unique_ptr<parts> made);
  std::unique_ptr<parts> parts_;
};

}  // namespace bv::tools
