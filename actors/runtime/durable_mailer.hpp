#pragma once

#include <atomic>
#include <caf/send.hpp>
#include <vector>

#include "actors/runtime/shard_actor.hpp"
#include "protocols/schema/base/mutation.hpp"
#include "storage/journal.hpp"

namespace bv::runtime {

/// Mails what the journal reports to the shards' actors.
class durable_mailer final : public storage::journal_listener {
 public:
  std::vector<caf::actor> shards;
  /// The journal takes nothing more, of any shard.
  std::atomic<bool> failed{false};

  void on_durable(storage::shard_id shard, storage::log_index index) override {
    caf::anon_send(shards[shard.value], batch_durable{index});
  }
  void on_failed(storage::shard_id shard, storage::log_index index, const error& why) override {
    if (mutated(mutation::fsync_error_ignored)) return on_durable(shard, index);
    failed = true;  // before any client hears of it
    caf::anon_send(shards[shard.value], journal_failed{why});
  }
  void on_rot(storage::shard_id shard, storage::log_index index, const error& why) override {
    caf::anon_send(shards[shard.value], log_rotten{index, why});
  }
};

}  // namespace bv::runtime
