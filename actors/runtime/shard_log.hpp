#pragma once

#include <functional>

#include "actors/runtime/gateway.hpp"
#include "protocols/schema/base/bytes.hpp"
#include "protocols/schema/base/result.hpp"
#include "storage/derived_store.hpp"
#include "storage/journal.hpp"
#include "storage/types.hpp"

namespace bv::runtime {

/// Where a batch goes in a shard's log.
struct log_place {
  storage::log_index index;
  storage::event_offset first_offset;
  storage::term_number term;
};

/// A shard's log as the shard sees it: a place for the next batch, and a way to get it there. That a batch is committed,
/// or never will be, the shard hears as mail. Belongs to the shard's actor.
class shard_log {
 public:
  virtual ~shard_log() = default;
  /// Places ascend; between two of them there may be entries that are not the shard's.
  [[nodiscard]] virtual log_place next() const = 0;
  /// Everything up to here is committed.
  [[nodiscard]] virtual storage::log_index committed() const = 0;
  /// Appends a batch that is sealed for next(); `next_offset` is that of the event after it. Never blocks.
  virtual void append(shared_bytes batch, storage::event_offset next_offset) = 0;
  /// A snapshot of an entity was taken, and its batch is committed: whoever leads next needs it as well.
  virtual void on_snapshot(const entity_key& of, const storage::snapshot& taken) = 0;
  /// Nobody else can have written to the log: what is in memory is its newest state.
  [[nodiscard]] virtual bool alone() const = 0;
  /// Calls back once it is certain that nobody else had written when this was called; at once if alone(). Errors: another
  /// node leads.
  virtual void confirm(std::function<void(result<void>)> done) = 0;
  /// How what took effect here stands to what is committed.
  [[nodiscard]] virtual staleness how_stale() const = 0;
};

/// The log of a node that is alone: what is durable is committed, and it leads for ever.
class unreplicated_log final : public shard_log {
 public:
  unreplicated_log(storage::journal& log, storage::shard_id shard);
  [[nodiscard]] log_place next() const override { return next_; }
  [[nodiscard]] storage::log_index committed() const override { return log_.bounds(shard_).last; }
  void append(shared_bytes batch, storage::event_offset next_offset) override;
  void on_snapshot(const entity_key&, const storage::snapshot&) override {}
  [[nodiscard]] bool alone() const override { return true; }
  void confirm(std::function<void(result<void>)> done) override { done({}); }
  [[nodiscard]] staleness how_stale() const override { return {.leader_known = true, .batches_behind = 0}; }

 private:
  storage::journal& log_;
  const storage::shard_id shard_;
  log_place next_;
};

}  // namespace bv::runtime
