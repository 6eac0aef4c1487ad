#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "actors/runtime/event_log.hpp"
#include "actors/runtime/projection.hpp"
#include "protocols/schema/base/result.hpp"

namespace bv::tools {

/// Says when a node may be sent requests: when its shards serve, and when each read model has seen everything that was
/// committed before the start. Decisions look into read models, so until then a product that exists would be
/// unknown. A node of a cluster must also have got what the others committed while it was away, or before it was there. Once it was ready, a read model that falls behind or stops does not make it unready. Threads: any.
class readiness {
 public:
  using views = std::vector<std::shared_ptr<const runtime::projection_view>>;

  /// Made before the node starts; `serving` tells whether its shards serve. `log` must outlive it. `of_cluster`: it is not
  /// ready before on_level().
  readiness(const runtime::event_log& log, views projections, std::function<bool()> serving, bool of_cluster = false);

  /// The node has everything that was committed in its cluster.
  void on_level();
  void recovery_failed(error why);
  /// Nothing, or why not.
  result<void> check();

 private:
  bool caught_up(const runtime::projection_view& view) const;

  const runtime::event_log& log_;
  const views projections_;
  const std::function<bool()> serving_;
  std::atomic<std::uint64_t> committed_before_;
  std::atomic<bool> level_;
  std::atomic<bool> caught_up_{false};
  std::mutex mutex_;
  std::optional<error> failed_;
};

}  // namespace bv::tools
