#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "actors/runtime/founding.hpp"
#include "actors/runtime/interconnect.hpp"
#include "actors/runtime/members.hpp"

namespace bv::runtime {

/// Who belongs to the cluster and where its shards are to be, as this node knows: from its charter, or from whoever let it in, until
/// it has read the log; then what the log says. It may be behind the truth, and never goes back. Threads: any.
class roster {
 public:
  struct view {
    std::uint64_t version = 0;  ///< events of the cluster's membership; 0: nothing of the log is known
    members::state state;       ///< shards in it only if it founded the cluster, or has read the log
  };
  using view_ptr = std::shared_ptr<const view>;
  /// Hears of every newer view, one call at a time.
  using follower = std::function<void(const view_ptr&)>;

  /// `known`: members that a node was told of when it was let in; empty: the founders.
  roster(charter founded, const std::vector<founder>& known);

  [[nodiscard]] const charter& founded() const { return founded_; }
  [[nodiscard]] view_ptr now() const;
  /// Without effect if it is not newer.
  void update(std::uint64_t version, members::state state);
  /// Before anything else happens; `told` is called at once, and must outlive the roster.
  void follow(follower told);

  [[nodiscard]] bool has(node_id who) const { return members::find(now()->state, who.value) != nullptr; }

  /// A node without a cluster is there, or gone again. More than waiting_max are not kept.
  void waits(const node_hello& who);
  void waits_no_more(node_id who);
  [[nodiscard]] std::vector<node_hello> waiting() const;

  /// Blocks until the view fulfils `enough`; nothing if `stop` is asked for or the time is over before.
  [[nodiscard]] view_ptr wait(const std::function<bool(const view&)>& enough, std::stop_token stop,
                              std::chrono::milliseconds at_most) const;

 private:
  static constexpr std::size_t waiting_max = 32;

  const charter founded_;
  mutable std::mutex mutex_;
  mutable std::condition_variable_any changed_;
  view_ptr view_;
  std::vector<node_hello> waiting_;
  std::mutex telling_;  ///< followers hear of one view after the other
  std::vector<follower> followers_;
};

/// What a shard's group is to be.
struct wished_seats {
  std::vector<std::uint64_t> voters;     ///< the first is to lead
  std::vector<std::uint64_t> followers;  ///< members without a vote
  std::uint32_t revision = 0;
  bool settled = true;
};
/// Nothing if the view says nothing of it.
std::optional<wished_seats> seats_of(const members::state& cluster, storage::shard_id shard);

/// A member as others are told of it.
founder introduction_of(const members::node& who);

}  // namespace bv::runtime
