#include "actors/runtime/shard_links.hpp"

#include <algorithm>
#include <caf/send.hpp>
#include <string>
#include <utility>

namespace bv::runtime {

shard_links::shard_links(node_hello self, roster& all, interconnect& net, const note_handler& notes)
    : roster_(all),
      features_(self.feature_level),
      net_(net),
      notes_(notes),
      collector_(std::make_shared<beat_collector>(net)),
      self_(std::move(self)) {
  self_.members_version = roster_.now()->version;
}

result<void> shard_links::start(std::vector<std::string> seeds) {
  seeds_ = std::move(seeds);
  BV_TRY(net_.start(self(), *this));
  roster_.follow([this](const roster::view_ptr& now) { on_members(now); });
  return {};
}

bool shard_links::send(node_id to, storage::shard_id shard, frames::content what) {
  return net_.send(to, frames::encode(frames::frame{shard.value, std::move(what)}));
}

// --- Who is spoken with ------------------------------------------------------------------------------------------

result<void> shard_links::admit(const node_hello& other) {
  const auto known = roster_.now();
  // Whoever belongs to none yet may ask to be let in; for the answer this end dials too.
  if (other.cluster == 0) {
    dial_too(other);
    return {};
  }
  if (other.cluster != roster_.founded().cluster)
    return failure(error_kind::forbidden, "another_cluster",
                   "node " + other.name + " belongs to another cluster than node " + self().name);
  BV_TRY(features_.admit(other));
  if (const auto* const member = members::find(known->state, other.node.value)) {
    if (member->name == other.name) return {};
    return failure(error_kind::forbidden, "name_changed",
                   "the cluster knows node " + other.name + " as " + member->name + ": a name stays with its data folder");
  }
  if (other.members_version > known->version) {
    dial_too(other);
    return {};
  }
  return failure(error_kind::forbidden, "not_a_member",
                 "node " + other.name + " is no member of the cluster (any more), as node " + self().name + " knows");
}

void shard_links::dial_too(const node_hello& stranger) {
  {
    const std::lock_guard lock(mutex_);
    const auto known = std::ranges::find(strangers_, stranger.node, &node_hello::node);
    const bool new_address = known == strangers_.end() || known->address != stranger.address;
    if (known != strangers_.end()) strangers_.erase(known);
    if (strangers_.size() == strangers_max) strangers_.erase(strangers_.begin());
    strangers_.push_back(stranger);
    if (!new_address) return;
  }
  dial_all(roster_.now()->state);
}

bool shard_links::speaks_with(node_id who) const {
  if (roster_.has(who)) return true;
  const std::lock_guard lock(mutex_);
  const auto known = std::ranges::find(strangers_, who, &node_hello::node);
  return known != strangers_.end() && known->cluster != 0;
}

void shard_links::dial_all(const members::state& cluster) {
  std::vector<std::string> all;
  for (const auto& one : cluster.nodes) all.push_back(one.address);
  {
    const std::lock_guard lock(mutex_);
    // What the config says was true when the cluster began.
    if (roster_.now()->version == 0) all.insert(all.end(), seeds_.begin(), seeds_.end());
    for (const auto& one : strangers_) all.push_back(one.address);
  }
  std::ranges::sort(all);
  all.erase(std::ranges::unique(all).begin(), all.end());
  net_.connect(std::move(all));
}

void shard_links::on_members(const roster::view_ptr& now) {
  std::vector<node_id> gone;
  node_hello said;
  {
    const std::lock_guard lock(mutex_);
    self_.members_version = now->version;
    said = self_;
    for (const auto& [who, hello] : reached_)
      if (hello.cluster != 0 && hello.members_version <= now->version && !members::find(now->state, who.value)) gone.push_back(who);
    std::erase_if(strangers_, [&](const node_hello& one) { return one.cluster != 0 && one.members_version <= now->version; });
  }
  if (const auto understood = features_.raise(members::feature_level(now->state)); !understood)
    notes_({note_level::error, understood.error().message});
  net_.announce(said);
  dial_all(now->state);
  for (const auto who : gone) net_.disconnect(who);
}

bool shard_links::reaches(node_id who) const {
  const std::lock_guard lock(mutex_);
  return reached_.contains(who);
}

bool shard_links::understands(node_id who, feature what) const {
  const std::lock_guard lock(mutex_);
  const auto known = reached_.find(who);
  return known == reached_.end() || known->second.feature_level >= level_of(what);
}

std::vector<node_hello> shard_links::reached() const {
  const std::lock_guard lock(mutex_);
  std::vector<node_hello> all;
  for (const auto& [who, hello] : reached_) all.push_back(hello);
  return all;
}

node_hello shard_links::self() const {
  const std::lock_guard lock(mutex_);
  return self_;
}

// --- What the links say ------------------------------------------------------------------------------------------

void shard_links::on_link_up(const node_hello& to) {
  {
    const std::lock_guard lock(mutex_);
    reached_[to.node] = to;
  }
  if (to.cluster == 0) return roster_.waits(to);
  tell_all({to.node, true});
}

void shard_links::on_link_down(node_id to) {
  roster_.waits_no_more(to);
  {
    const std::lock_guard lock(mutex_);
    reached_.erase(to);
  }
  tell_all({to, false});
}

void shard_links::tell_all(const peer_link& news) {
  for (const auto& shard : shards_) caf::anon_send(shard, news);
}

void shard_links::welcome(node_id who) {
  const auto known = roster_.now();
  frames::welcome said{.charter = roster_.founded(), .admitted = members::find(known->state, who.value) != nullptr, .members = {}};
  for (const auto& one : known->state.nodes) said.members.push_back(introduction_of(one));
  net_.send(who, frames::encode(frames::frame{0, std::move(said)}));
}

void shard_links::on_frame(node_id from, bytes data) {
  frames::frame arrived;
  const auto read = frames::decode(data, arrived);
  if (!read) return note_unreadable(from, describe(read.error()));
  if (arrived.shard >= shards_.size()) return note_unreadable(from, "no shard has that number");
  if (std::holds_alternative<frames::ask_charter>(arrived.content)) return welcome(from);
  if (!speaks_with(from)) return;
  if (auto* const several = std::get_if<frames::beat>(&arrived.content)) return on_beat(from, std::move(*several));
  caf::anon_send(shards_[arrived.shard], peer_frame{from, std::move(arrived.content), nullptr});
}

void shard_links::on_beat(node_id from, frames::beat what) {
  const auto answers = begin_beat();
  for (auto& one : what.said) {
    if (one.shard >= shards_.size()) return note_unreadable(from, "no shard has that number");
    caf::anon_send(shards_[one.shard], peer_frame{from, std::move(one.body), answers});
  }
}

void shard_links::note_unreadable(node_id from, const std::string& why) {
  notes_({note_level::warning, "node " + std::to_string(from.value) + " sent a frame that can't be read: " + why});
}

}  // namespace bv::runtime
