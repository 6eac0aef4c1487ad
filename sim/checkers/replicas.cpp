// What must hold between the nodes of a cluster. The world sees it as it happens (sim/world/replica_book.hpp); here it gets
// its names and its bounds.
#include "sim/checkers/invariant.hpp"
#include "sim/observe/breach.hpp"

namespace bv::sim {
namespace {

template <const std::string_view& Name>
std::unique_ptr<checker> make(const plan&) {
  struct named final : public judge {
    named() : judge(Name) {}
    void on_breach(std::string_view invariant, const std::string& what, timestamp at, std::vector<violation>& found) override {
      if (invariant == name()) report(found, at, what);
    }
  };
  return std::make_unique<named>();
}

}  // namespace

invariant replicas_agree() {
  return {{breach::replicas_agree, "What is committed in a cluster is the same on all nodes, without gaps, and its terms never fall."}, make<breach::replicas_agree>};
}
invariant commits_are_safe() {
  return {{breach::commits_are_safe, "What is committed is on a majority's disks, and a leader counts only what is of its own term."}, make<breach::commits_are_safe>};
}
invariant promises_kept() {
  return {{breach::promises_kept, "A node tells the others of a term, a vote or a batch when it is on its disk, keeps a batch while the term lasts, and votes once in a term."}, make<breach::promises_kept>};
}
invariant one_leader_a_term() {
  return {{breach::one_leader_a_term, "A term has one leader, for whom a majority has voted."}, make<breach::one_leader_a_term>};
}

}  // namespace bv::sim
