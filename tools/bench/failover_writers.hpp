#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "protocols/schema/base/result.hpp"

namespace bv::bench {

/// When a client of a shard was answered, in seconds of the steady clock.
struct answer_time {
  std::uint16_t shard = 0;
  double at = 0;
};

/// Clients of every shard of a cluster, each with one command under way: a cart item, under a command id, at one node and then at
/// the next, until it is answered. They tell when answers came. Run on a thread of their own until they are destroyed.
class failover_writers {
 public:
  failover_writers(std::vector<std::uint16_t> ports, std::uint16_t shards, std::vector<std::string> skus);
  ~failover_writers();

  /// What came since the last call, in order.
  std::vector<answer_time> take_answers();
  /// Ends. The commands that were answered; errors: `check_failed` if one was refused for what it asks.
  result<std::uint64_t> stop();

 private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

}  // namespace bv::bench
