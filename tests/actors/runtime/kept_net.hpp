#pragma once

#include <string>
#include <utility>
#include <vector>

#include "actors/runtime/interconnect.hpp"

namespace bv::test {

/// A network that keeps what is sent.
struct kept_net final : runtime::interconnect {
  result<void> start(const runtime::node_hello&, runtime::interconnect_listener& to) override {
    listener = &to;
    return {};
  }
  void announce(const runtime::node_hello& self) override { announced = self.members_version; }
  void connect(std::vector<std::string> addresses) override { dialed = std::move(addresses); }
  void disconnect(runtime::node_id other) override { ended.push_back(other); }
  bool send(runtime::node_id to, bytes frame) override {
    if (to != reachable) return false;
    sent.push_back(std::move(frame));
    return true;
  }
  void stop() override {}

  runtime::node_id reachable{2};
  std::vector<bytes> sent;
  runtime::interconnect_listener* listener = nullptr;
  std::uint64_t announced = 99;  ///< version of the members that it last said to know
  std::vector<std::string> dialed;
  std::vector<runtime::node_id> ended;
};

}  // namespace bv::test
