#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include "actors/runtime/interconnect.hpp"
#include "protocols/schema/base/result.hpp"

namespace bv::runtime {

/// What a node says to others, or writes into a log that they read, only once every one of them understands it. So nodes of
/// two versions work together: the cluster is at a level that all its members understand, and whoever understands less is
/// not let in any more. Add the next thing at the end, with the next level if the last one has been released.
enum class feature : std::uint8_t {
  leaving_notice,  ///< a node that stops says so: nobody hands it a shard any more
  log_mending,     ///< others are asked for batches; who understands it is, for the log may be needed to know the cluster's level
};

/// The level from which on it is understood. Levels ascend and are never taken back.
std::uint32_t level_of(feature what);
/// For people.
std::string_view name_of(feature what);

/// What this build understands: everything up to here. A file of its own, so that a test can link a version that knows less.
std::uint32_t own_feature_level();
/// Clusters below it are too old for this build.
inline constexpr std::uint32_t oldest_feature_level = 1;

/// At which level the cluster works, as this node knows. Never falls. Threads: any.
class feature_gate {
 public:
  /// `own`: what this node understands.
  explicit feature_gate(std::uint32_t own = own_feature_level()) : own_(own) {}

  [[nodiscard]] std::uint32_t own() const { return own_; }
  [[nodiscard]] std::uint32_t level() const { return level_.load(std::memory_order_relaxed); }
  [[nodiscard]] bool speaks(feature what) const { return level() >= level_of(what); }
  /// The cluster works at `level` from now on. Error `feature_level_too_low`: this node does not understand it.
  result<void> raise(std::uint32_t level);
  /// Error `feature_level_too_low`: the other one does not understand what is said here, or the other way round.
  [[nodiscard]] result<void> admit(const node_hello& other) const;

 private:
  const std::uint32_t own_;
  std::atomic<std::uint32_t> level_{oldest_feature_level};
};

}  // namespace bv::runtime
