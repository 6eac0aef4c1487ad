#pragma once

#include <cstddef>
#include <deque>
#include <functional>

#include "actors/runtime/aggregate.hpp"
#include "actors/runtime/clock.hpp"
#include "actors/runtime/gateway.hpp"
#include "actors/runtime/limits.hpp"
#include "storage/store.hpp"

namespace bv::runtime {

class shard_host;

/// Looks at what of entities is committed, in the store, without a place in the shard: whoever leads it, and whatever else
/// goes on. A few at a time, where the disk may be waited for; the others wait for these. How many there can be is the
/// gateway's to say, which admits them. All members run on the shard's actor.
class committed_reads {
 public:
  struct environment {
    storage::store& store;
    const clock& time;
    shard_host& host;
    const limits& bounds;
  };
  struct question {
    entity_key who;
    const aggregate_type* type = nullptr;  ///< outlives this object
    timestamp deadline;
    view_handler then;  ///< called on the shard's actor. Errors: `deadline_passed`, and those of recover_entity()
  };
  committed_reads(storage::shard_id shard, const environment& around) : shard_(shard), around_(around) {}

  void read(question what);
  [[nodiscard]] bool idle() const { return under_way_ == 0 && waiting_.empty(); }

 private:
  /// So that whoever leads can still have its entities recovered on the same threads.
  static constexpr std::size_t under_way_max = 4;

  void go_on();

  const storage::shard_id shard_;
  const environment around_;
  std::deque<question> waiting_;
  std::size_t under_way_ = 0;
};

}  // namespace bv::runtime
