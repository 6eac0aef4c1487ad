#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "actors/runtime/interconnect.hpp"
#include "protocols/schema/cluster/frames.hpp"
#include "storage/types.hpp"

namespace bv::runtime {

/// Gathers what the shards of a node say to their replicas at one moment, so that it leaves as one frame for each node and
/// not as one for each shard and node: heartbeats of idle shards would else be most of what an idle cluster does.
/// Threads: any.
class beat_collector {
 public:
  explicit beat_collector(interconnect& net) : net_(&net) {}
  void add(node_id to, storage::shard_id shard, replication::body what);
  /// What was gathered leaves.
  void flush();
  /// Nothing leaves any more.
  void close();

 private:
  std::mutex mutex_;
  interconnect* net_;  ///< null: closed
  std::map<node_id, frames::beat> gathered_;
};

/// One moment: whoever holds it may yet add to it. What was gathered leaves with the last one that lets go.
class beat {
 public:
  explicit beat(std::shared_ptr<beat_collector> of) : of_(std::move(of)) {}
  ~beat() { of_->flush(); }
  beat(const beat&) = delete;
  beat& operator=(const beat&) = delete;

 private:
  const std::shared_ptr<beat_collector> of_;
};

using beat_holder = std::shared_ptr<const beat>;

/// Whether it can wait for the end of a beat: it carries no entry, and nobody waits for it.
bool fits_a_beat(const replication::body& what);

}  // namespace bv::runtime
