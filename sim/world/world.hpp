#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/world/network.hpp"
#include "sim/world/processor_endpoint.hpp"
#include "sim/world/replica_book.hpp"
#include "sim/world/sim_links.hpp"
#include "sim/world/sim_node.hpp"

namespace bv::sim {

/// Nodes, network, processor and time, and who comes next. Everything that happens goes through step(). One thread.
class world {
 public:
  struct hooks {
    std::function<void(observed_record)> committed;
    std::function<void(std::uint16_t node, std::uint64_t number)> write_begun;
    replica_book::complaint disagreed;  ///< the nodes of a cluster break an invariant of theirs
  };
  /// `what` and `log` must outlive it.
  world(const plan& what, trace& log, const std::string& folder, hooks with);
  ~world();

  [[nodiscard]] event_heap& time() { return time_; }
  [[nodiscard]] network& net() { return net_; }
  [[nodiscard]] processor_endpoint& processor() { return processor_; }
  [[nodiscard]] std::vector<std::unique_ptr<sim_node>>& nodes() { return nodes_; }

  /// One turn of an actor, or one event, or time passes to the next: but not beyond `limit`. False if nothing is left to
  /// happen until then; it is then `limit`.
  bool step(timestamp limit);
  /// Until `limit`.
  void run_until(timestamp limit);
  /// Until `done` or `limit`; asks after each step. Whether it is done.
  bool run_until(timestamp limit, const std::function<bool()>& done);

  /// Whether the node is part of what the world is about: of a cluster, whether it is a member, as far as any node knows.
  [[nodiscard]] bool belongs(const sim_node& one) const;
  /// The first node that belongs; there is one.
  [[nodiscard]] sim_node& first_that_belongs() const;
  /// All nodes that belong have come to rest; those of a cluster have committed, and know to be committed, the same.
  [[nodiscard]] bool at_rest() const;

  [[nodiscard]] std::uint64_t turns() const { return turns_; }
  [[nodiscard]] std::uint64_t steps() const { return turns_ + time_.done(); }

 private:
  sim_node* next_to_move();
  /// Who belongs to the cluster, as the node knows that knows most; null if none runs, or there is no cluster.
  [[nodiscard]] runtime::roster::view_ptr newest_members() const;

  trace& log_;
  runtime::random_source lots_;
  event_heap time_;
  network net_;
  processor_endpoint processor_;
  switchboard board_;
  replica_book replicas_;
  std::vector<std::unique_ptr<sim_node>> nodes_;
  std::uint64_t turns_ = 0;
};

}  // namespace bv::sim
