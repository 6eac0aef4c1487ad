#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "actors/runtime/projection.hpp"
#include "storage/table.hpp"

namespace bv::runtime {

/// Offsets of all shards' last committed events together.
std::uint64_t total_events(const event_log& log);

/// The served side of a projection, shared by its runner and the readers. Threads: any.
class served_projection final : public projection_view {
 public:
  /// What the runner tells.
  struct progress {
    std::uint64_t through = 0;  ///< offsets of all shards together
    bool rebuilding = false;
    std::uint64_t rebuilt = 0;
    std::string failed;
  };

  served_projection(std::string name, const event_log& log) : name_(std::move(name)), log_(log) {}

  result<std::optional<bytes>> get(bytes_view key) const override;
  result<void> scan(bytes_view from, bytes_view until, bool reverse,
                    const std::function<bool(bytes_view, bytes_view)>& visit) const override;
  projection_status status() const override;

  void serve(std::shared_ptr<storage::table> table);
  void publish(progress made);

 private:
  result<std::shared_ptr<storage::table>> table() const;

  const std::string name_;
  const event_log& log_;
  mutable std::mutex mutex_;
  std::shared_ptr<storage::table> table_;
  progress progress_;
};

}  // namespace bv::runtime
