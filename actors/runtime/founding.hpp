#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "actors/runtime/interconnect.hpp"
#include "actors/runtime/note.hpp"
#include "protocols/schema/cluster/frames.hpp"

namespace bv::runtime {

using frames::charter;
using frames::founder;

/// Whether a node was among those who founded the cluster.
bool founded_by(const charter& cluster, node_id who);

/// The cluster that a node belongs to from now on.
struct found_cluster {
  charter founded;
  std::vector<founder> members;  ///< of now; empty if the node is one of the founders
  friend bool operator==(const found_cluster&, const found_cluster&) = default;
};

/// How a node without a cluster comes to one. It meets the nodes that its config calls seeds. If none of them belongs to a
/// cluster, and all are there, the one whose name comes first writes the charter, keeps it, and begins; the others find it
/// in a cluster when they meet it again, ask for its charter, keep that and begin as well. Nobody founds while a seed is
/// missing: that one may know of a cluster already. Who comes to a cluster that was founded without it asks until an operator has let
/// it in.
///
///     meet all seeds → all without a cluster, my name is the first? → charter
///                    → somebody has a cluster → ask → a member, or a founder? → charter
///                                                ↑ └ not yet: ask again
///
/// A seed whose logs are not empty, because it was restored from a backup or served alone until now, brings the cluster its
/// history: then it writes the charter, whatever its name, and the others fill their logs from it. There can be one such
/// seed only, and it founds or stays alone: logs of one cluster would be another's rot.
///
/// Listens to an interconnect of its own, which ends with it: whoever belongs to a cluster says so from the first word.
/// Threads: any.
class founding final : public interconnect_listener {
 public:
  struct wishes {
    std::uint16_t shards = 16;
    std::uint16_t replicas = 3;
    std::size_t seeds = 3;      ///< this node included; 0: it joins a cluster that there is
    std::uint64_t cluster = 0;  ///< the new cluster's id, drawn
  };
  founding(node_hello self, interconnect& net, const wishes& wanted, note_handler notes);

  /// Asks again; to be called now and then until outcome() is there.
  void tick();
  /// Errors: `cluster_mismatch` (what the config says is not what the cluster is), `not_a_member` (it has a log of its own),
  /// `histories_differ` (another seed has logs too), `log_not_empty` (the cluster's history is not this node's).
  [[nodiscard]] std::optional<result<found_cluster>> outcome() const;
  /// For people: whom it waits for.
  [[nodiscard]] std::string waits_for() const;

  result<void> admit(const node_hello& other) override;
  void on_link_up(const node_hello& to) override;
  void on_link_down(node_id to) override;
  void on_frame(node_id from, bytes frame) override;

 private:
  void look();
  void found();
  void refuse_other_history();
  /// Nothing while it is to wait.
  [[nodiscard]] std::optional<result<found_cluster>> accept(frames::welcome given);

  const node_hello self_;
  interconnect& net_;
  const wishes wanted_;
  const note_handler notes_;
  mutable std::mutex mutex_;
  std::map<std::string, node_hello> met_;  ///< by name
  bool asked_in_vain_ = false;
  std::optional<result<found_cluster>> outcome_;
};

}  // namespace bv::runtime
