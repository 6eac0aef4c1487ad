#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "actors/runtime/interconnect.hpp"
#include "sim/world/event_heap.hpp"
#include "sim/world/network.hpp"

namespace bv::sim {

class sim_links;

/// Who listens where: a node's name in the world is its address. One thread.
using switchboard = std::map<std::string, sim_links*>;

/// A process's links to the others, over the world's network: made by a handshake, proven by pings, ended when no answer
/// comes or the process at the other end is gone. Frames keep their order; a cut loses them. One thread.
class sim_links final : public runtime::interconnect {
 public:
  /// `life` tells the processes of one node apart.
  sim_links(std::string name, std::uint64_t life, event_heap& time, network& net, switchboard& board);
  /// The process is gone: the others hear of it, if the network lets them.
  ~sim_links() override;

  /// Sees every frame that is sent; before start().
  void watch(std::function<void(runtime::node_id to, bytes_view frame)> seen) { seen_ = std::move(seen); }
  result<void> start(const runtime::node_hello& self, runtime::interconnect_listener& to) override;
  void announce(const runtime::node_hello& self) override { self_ = self; }
  void connect(std::vector<std::string> addresses) override;
  void disconnect(runtime::node_id other) override;
  bool send(runtime::node_id to, bytes frame) override;
  void stop() override;

 private:
  struct link {
    std::string address;
    bool up = false;
    runtime::node_id peer;
    std::uint64_t life = 0;      ///< of the process there
    std::uint64_t number = 0;    ///< counts how often it was made
    timestamp last_arrives;
    timestamp heard;             ///< of the other end
  };
  static constexpr duration between_pings = std::chrono::milliseconds{500};
  static constexpr duration silence_max = std::chrono::seconds{2};

  void dial(const std::string& address);
  void ping(const std::string& address, std::uint64_t number);
  void lose(link& which);
  void later(duration delay, std::function<void()> action);

  const std::string name_;
  event_heap& time_;
  network& net_;
  switchboard& board_;
  const std::uint64_t life_;
  runtime::node_hello self_;
  runtime::interconnect_listener* listener_ = nullptr;
  std::function<void(runtime::node_id, bytes_view)> seen_;
  std::map<std::string, link> links_;  ///< by address
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace bv::sim
