#include "sim/world/sim_links.hpp"

#include <algorithm>
#include <utility>

namespace bv::sim {

sim_links::sim_links(std::string name, std::uint64_t life, event_heap& time, network& net, switchboard& board)
    : name_(std::move(name)), time_(time), net_(net), board_(board), life_(life) {}

sim_links::~sim_links() { stop(); }

result<void> sim_links::start(const runtime::node_hello& self, runtime::interconnect_listener& to) {
  self_ = self;
  listener_ = &to;
  board_[name_] = this;
  return {};
}

void sim_links::stop() {
  if (!listener_) return;
  listener_ = nullptr;
  alive_.reset();
  board_.erase(name_);
  for (const auto& [address, peer] : board_)
    net_.send(name_, address, "a reset", [&board = board_, address = address, me = name_, life = life_] {
      const auto there = board.find(address);
      if (there == board.end()) return;
      const auto mine = there->second->links_.find(me);
      if (mine != there->second->links_.end() && mine->second.life == life) there->second->lose(mine->second);
    });
}

void sim_links::later(duration delay, std::function<void()> action) {
  time_.after(delay, [alive = std::weak_ptr(alive_), action = std::move(action)] {
    if (!alive.expired()) action();
  });
}

void sim_links::connect(std::vector<std::string> addresses) {
  for (auto& address : addresses) {
    if (address == name_ || links_.contains(address)) continue;
    links_[address].address = address;
    dial(address);
  }
}

/// Asks, and asks again, until the other end says that it has let this one in.
void sim_links::dial(const std::string& address) {
  const auto mine = links_.find(address);
  if (mine == links_.end() || mine->second.up) return;
  net_.send(name_, address, "a greeting", [this, &board = board_, &net = net_, address, hello = self_, me = name_,
                                           alive = std::weak_ptr(alive_)] {
    const auto there = board.find(address);
    if (there == board.end() || !there->second->listener_->admit(hello)) return;
    net.send(address, me, "a welcome", [this, address, alive, theirs = there->second->self_, life = there->second->life_] {
      if (alive.expired()) return;
      auto& made = links_[address];
      if (made.up || !listener_->admit(theirs)) return;
      made = {address, true, theirs.node, life, made.number + 1, time_.now(), time_.now()};
      listener_->on_link_up(theirs);
      ping(address, made.number);
    });
  });
  later(between_pings, [this, address] { dial(address); });
}

void sim_links::ping(const std::string& address, std::uint64_t number) {
  auto& mine = links_.at(address);
  if (!mine.up || mine.number != number) return;
  if (time_.now() - mine.heard > silence_max) return lose(mine);
  net_.stream(name_, address, mine.last_arrives, [this, &board = board_, &net = net_, address, number, me = name_, life = mine.life,
                                                  alive = std::weak_ptr(alive_)] {
    const auto there = board.find(address);
    if (there == board.end() || there->second->life_ != life) return;
    net.send(address, me, "an answer to a ping", [this, address, number, alive] {
      if (alive.expired()) return;
      const auto found = links_.find(address);
      if (found != links_.end() && found->second.number == number) found->second.heard = time_.now();
    });
  });
  later(between_pings, [this, address, number] { ping(address, number); });
}

void sim_links::lose(link& which) {
  if (!which.up) return;
  which.up = false;
  listener_->on_link_down(which.peer);
  later(between_pings, [this, address = which.address] { dial(address); });
}

void sim_links::disconnect(runtime::node_id other) {
  for (auto& [address, one] : links_)
    if (one.peer == other) lose(one);
}

bool sim_links::send(runtime::node_id to, bytes frame) {
  const auto mine = std::ranges::find_if(links_, [to](const auto& one) { return one.second.up && one.second.peer == to; });
  if (mine == links_.end() || !listener_) return false;
  if (seen_) seen_(to, frame);
  auto& by = mine->second;
  net_.stream(name_, by.address, by.last_arrives, [&board = board_, address = by.address, life = by.life, from = self_.node,
                                                   frame = std::move(frame)]() mutable {
    const auto there = board.find(address);
    if (there != board.end() && there->second->life_ == life) there->second->listener_->on_frame(from, std::move(frame));
  });
  return true;
}

}  // namespace bv::sim
