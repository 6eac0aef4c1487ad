#include "actors/runtime/seat_keeper.hpp"

#include <algorithm>
#include <utility>

namespace bv::runtime {

using replication::configuration;
using replication::server_id;
using replication::server_role;

void seat_keeper::tick(bool leads, std::uint64_t now_ms) {
  if (!leads) return release();
  if (bringing_ && (level(*bringing_) || now_ms >= permit_until_ms_)) release();
  if (!wish_ || wish_->settled || changing_ || now_ms < look_at_ms_) return;
  look_at_ms_ = now_ms + between_looks_ms;
  const auto now = around_.group().status().members;
  if (add_missing(now, now_ms) || promote(now) || let_go(now) || now_ms < word_at_ms_) return;
  word_at_ms_ = now_ms + between_words_ms;
  around_.settle(wish_->revision);
}

bool seat_keeper::add_missing(const configuration& now, std::uint64_t now_ms) {
  auto wished = wish_->voters;
  wished.insert(wished.end(), wish_->followers.begin(), wish_->followers.end());
  for (const auto who : wished) {
    const auto* const server = member(now, server_id{who});
    if (server && server->role != server_role::observer) continue;
    if (bringing_ || !around_.permits.take()) return true;
    bringing_ = who;
    permit_until_ms_ = now_ms + permit_ms_max;
    changing_ = true;
    // A leader that was deposed in between leaves an observer behind.
    if (server)
      around_.group().demote(server_id{who}, ended());
    else
      around_.group().add_learner(server_id{who}, ended());
    return true;
  }
  return false;
}

bool seat_keeper::promote(const configuration& now) {
  bool missing = false;
  for (const auto who : wish_->voters) {
    if (votes(now, server_id{who})) continue;
    missing = true;
    if (!level(who)) continue;
    changing_ = true;
    around_.group().promote(server_id{who}, ended());
    return true;
  }
  return missing;
}

bool seat_keeper::let_go(const configuration& now) {
  bool missing = false;
  for (const auto& one : now.servers) {
    if (std::ranges::find(wish_->voters, one.id) != wish_->voters.end()) continue;
    const bool follows = std::ranges::find(wish_->followers, one.id) != wish_->followers.end();
    if (follows && one.role != server_role::voter) continue;
    missing = true;
    // Another leads as soon as the preferred leader is level; it goes on here.
    if (one.id == around_.self.value) continue;
    changing_ = true;
    if (one.role == server_role::voter)
      around_.group().demote(server_id{one.id}, ended());
    else
      around_.group().remove(server_id{one.id}, ended());
    return true;
  }
  return missing;
}

bool seat_keeper::level(std::uint64_t who) const {
  const auto follower = around_.group().follower(server_id{who});
  return follower && follower->match.value + entries_behind_max >= around_.group().status().raft.last.value;
}

replication::change_handler seat_keeper::ended() {
  return [this, alive = std::weak_ptr(alive_)](const result<void>& outcome) {
    if (alive.expired()) return;
    changing_ = false;
    if (outcome) return;
    release();
    around_.failed(outcome.error());
  };
}

void seat_keeper::release() {
  if (std::exchange(bringing_, std::nullopt)) around_.permits.give_back();
}

}  // namespace bv::runtime
