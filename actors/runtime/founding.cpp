#include "actors/runtime/founding.hpp"

#include <algorithm>
#include <utility>

namespace bv::runtime {

bool founded_by(const charter& cluster, node_id who) {
  return std::ranges::any_of(cluster.founders, [who](const auto& one) { return one.node == who.value; });
}

founding::founding(node_hello self, interconnect& net, const wishes& wanted, note_handler notes)
    : self_(std::move(self)), net_(net), wanted_(wanted), notes_(std::move(notes)) {}

result<void> founding::admit(const node_hello& other) {
  const std::lock_guard lock(mutex_);
  const auto known = met_.find(other.name);
  const bool taken = other.name == self_.name || (known != met_.end() && known->second.node != other.node);
  if (other.node == self_.node || !taken) return {};
  return failure(error_kind::conflict, "name_taken", "two nodes have the name " + other.name + "; [node] id must differ");
}

void founding::on_link_up(const node_hello& to) {
  {
    const std::lock_guard lock(mutex_);
    met_[to.name] = to;
  }
  look();
}

void founding::on_link_down(node_id to) {
  const std::lock_guard lock(mutex_);
  std::erase_if(met_, [to](const auto& one) { return one.second.node == to; });
}

void founding::tick() { look(); }

void founding::look() {
  std::vector<node_id> ask;
  {
    const std::lock_guard lock(mutex_);
    if (outcome_) return;
    for (const auto& [name, other] : met_)
      if (other.cluster != 0) ask.push_back(other.node);
    if (self_.has_log && ask.empty()) refuse_other_history();
    if (outcome_) return;
    if (ask.empty() && wanted_.seeds > 0 && met_.size() + 1 == wanted_.seeds) found();
  }
  for (const auto who : ask) net_.send(who, frames::encode(frames::frame{0, frames::ask_charter{self_.node.value}}));
}

void founding::refuse_other_history() {
  const auto elder = std::ranges::find_if(met_, [](const auto& one) { return one.second.has_log; });
  if (elder == met_.end()) return;
  outcome_ = failure(error_kind::conflict, "histories_differ",
                     "this node has a log and so has node " + elder->first +
                         ", but a cluster begins with one: restore the backup on one node, and empty the data folders of the others",
                     "[node] data_dir");
}

/// All seeds are there, and none belongs to a cluster.
void founding::found() {
  const bool another_begins = std::ranges::any_of(met_, [](const auto& one) { return one.second.has_log; });
  const bool first = met_.empty() || self_.name < met_.begin()->first;
  if (!self_.has_log && (another_begins || !first)) return;
  charter made{.cluster = wanted_.cluster, .shards = wanted_.shards, .replicas = wanted_.replicas, .founders = {},
               .history = self_.has_log ? self_.node.value : 0};
  made.founders.push_back({self_.node.value, self_.name, self_.address});
  for (const auto& [name, other] : met_) made.founders.push_back({other.node.value, name, other.address});
  std::ranges::sort(made.founders, {}, &founder::name);
  outcome_ = found_cluster{std::move(made), {}};
}

void founding::on_frame(node_id, bytes data) {
  frames::frame arrived;
  if (!frames::decode(data, arrived)) return;
  auto* const given = std::get_if<frames::welcome>(&arrived.content);
  if (!given) return;
  const std::lock_guard lock(mutex_);
  if (!outcome_) outcome_ = accept(std::move(*given));
}

std::optional<result<found_cluster>> founding::accept(frames::welcome given) {
  const auto& cluster = given.charter;
  if (cluster.shards != wanted_.shards || cluster.replicas != wanted_.replicas)
    return failure(error_kind::conflict, "cluster_mismatch",
                   "the cluster has " + std::to_string(cluster.shards) + " shards and " + std::to_string(cluster.replicas) +
                       " replicas, this node's config says " + std::to_string(wanted_.shards) + " and " +
                       std::to_string(wanted_.replicas),
                   "[cluster]");
  if (founded_by(cluster, self_.node)) {
    if (self_.has_log && cluster.history != self_.node.value)
      return failure(error_kind::conflict, "log_not_empty",
                     "this node has a log of its own, and the cluster began without it: empty the data folder",
                     "[node] data_dir");
    return found_cluster{std::move(given.charter), {}};
  }
  if (self_.has_log)
    return failure(error_kind::conflict, "not_a_member",
                   "the seeds form a cluster, and this data folder with its log is none of its nodes: if a backup was restored "
                   "into it, stop the old cluster for good, and empty the other seeds' data folders, before it is started",
                   "[node] data_dir");
  if (given.admitted) return found_cluster{std::move(given.charter), std::move(given.members)};
  if (std::exchange(asked_in_vain_, true)) return std::nullopt;
  const bool known = std::ranges::any_of(given.members, [this](const founder& one) { return one.name == self_.name; });
  notes_({note_level::warning, "this data folder is none of the cluster's nodes and waits to be let in: at a node of the cluster, `bv admin " +
                                   (known ? "replace " + self_.name + "`: its folder was lost and made anew"
                                          : "join " + self_.name + "`")});
  return std::nullopt;
}

std::optional<result<found_cluster>> founding::outcome() const {
  const std::lock_guard lock(mutex_);
  return outcome_;
}

std::string founding::waits_for() const {
  const std::lock_guard lock(mutex_);
  if (asked_in_vain_) return "waits to be let in by an operator: bv admin join or replace, at a node of the cluster";
  std::string met;
  for (const auto& [name, other] : met_) met += (met.empty() ? "" : ", ") + name;
  return "waits for the seeds: " + std::to_string(met_.size()) + " of " +
         std::to_string(std::max<std::size_t>(wanted_.seeds, 1) - 1) + " are there" + (met.empty() ? "" : " (" + met + ")");
}

}  // namespace bv::runtime
