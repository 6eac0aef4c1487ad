#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "actors/runtime/interconnect.hpp"
#include "protocols/schema/base/result.hpp"
#include "storage/types.hpp"

namespace bv::runtime {

/// Once, with the index up to which the shard was committed anywhere when it was asked; all of it has taken effect here by then.
using level_handler = std::function<void(result<storage::log_index>)>;

/// Waits until this node has everything of a shard that was committed anywhere in the cluster when somebody asked: learns from a
/// leader, which makes sure of its majority first, how far that is, then waits until that has taken effect here. Any leader's
/// answer will do: it is given after the question, and whoever leads has all that was committed before.
///
///     asked → leader known? → question → index → taken in up to there → done
///                  ↑ no answer for a while │
///                  └───────────────────────┘        late: `not_level`
///
/// All members run on the shard's actor.
class level_watch {
 public:
  struct seams {
    /// Asks the leader; what it says comes to on_end(). Nothing happens if nobody is known to lead.
    std::function<void(std::uint64_t number)> ask;
  };
  /// `first_number`: whatever an earlier process of this node may have used must not come again.
  level_watch(storage::shard_id shard, std::uint64_t first_number, seams around)
      : shard_(shard), around_(std::move(around)), next_number_(first_number) {}

  /// Errors: `not_level` (unavailable) after `until_ms`; `overloaded`.
  void wait(std::uint64_t now_ms, std::uint64_t until_ms, level_handler done);
  void on_end(std::uint64_t number, storage::log_index committed);
  /// To be called about every heartbeat; `taken_in` is what took effect here.
  void go_on(std::uint64_t now_ms, storage::log_index taken_in);
  void fail_all(const error& why);

 private:
  static constexpr std::size_t waiting_max = 64;
  static constexpr std::uint64_t ask_again_after_ms = 250;

  struct waiting {
    std::uint64_t number, until_ms, ask_at_ms;
    storage::log_index committed;  ///< 0: not known yet
    bool known = false;
    level_handler done;
  };

  const storage::shard_id shard_;
  const seams around_;
  std::uint64_t next_number_;
  std::vector<waiting> waiting_;
};

}  // namespace bv::runtime
