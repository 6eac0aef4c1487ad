#include "tools/chaos/network_lab.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "protocols/schema/base/assert.hpp"
#include "tools/chaos/network_failed.hpp"

namespace bv::chaos {
namespace {

using processes::run_program;

constexpr std::uint16_t http_port = 8080, cluster_port = 9100;
constexpr int first_host = 11;
const std::string network = "10.77.0.", hub = "hub", nobody = "/run/netns";

std::string host_of(std::size_t node) { return network + std::to_string(first_host + static_cast<int>(node)); }

/// The hub's end of a node's wire.
std::string plug_of(std::size_t node) { return "to-" + std::to_string(node); }

/// Runs a tool in a network; the thread's own if none is named.
result<void> tool(const std::string& in, const std::string& program, std::vector<std::string> arguments) {
  auto ran = run_program({.program = program, .arguments = std::move(arguments), .network_namespace = in});
  if (ran) return {};
  auto why = std::move(ran).error();
  why.code = "network_failed";
  return failure(std::move(why));
}

result<void> enter(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool entered = file >= 0 && ::setns(file, CLONE_NEWNET) == 0;
  if (file >= 0) ::close(file);
  if (!entered) return network_failed("can't enter the network " + path);
  return {};
}

/// From here on nothing that is mounted or unmounted is seen outside.
result<void> leave_mounts() {
  if (::mkdir(nobody.c_str(), 0755) != 0 && errno != EEXIST) return network_failed("can't make " + nobody);
  if (::unshare(CLONE_NEWNS) != 0) return network_failed("can't have a mount namespace");
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return network_failed("can't make mounts private");
  if (::mount("bvchaos", nobody.c_str(), "tmpfs", 0, "size=1m") != 0) return network_failed("can't mount on " + nobody);
  return {};
}

}  // namespace

result<void> can_make_networks() {
  if (::geteuid() == 0) return {};
  return failure(error_kind::forbidden, "needs_root", "network namespaces need root; run it as root, or with --network loopback");
}

network_lab::network_lab(network_lab&&) noexcept = default;
network_lab::~network_lab() = default;

result<network_lab> network_lab::make(const std::vector<std::string>& names) {
  BV_TRY(can_make_networks());
  network_lab made;
  made.prefix_ = "bvchaos-" + std::to_string(::getpid()) + "-";
  made.names_ = names;
  made.cut_.resize(names.size());
  made.slow_.resize(names.size());
  BV_TRY(leave_mounts());
  BV_TRY(made.build());
  return made;
}

result<void> network_lab::build() {
  BV_TRY(tool("", "ip", {"netns", "add", prefix_ + hub}));
  BV_TRY(enter(path_of(hub)));
  BV_TRY(tool("", "ip", {"link", "set", "lo", "up"}));
  netem_ = tool("", "tc", {"qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms"}).has_value();
  if (netem_) BV_TRY(tool("", "tc", {"qdisc", "del", "dev", "lo", "root"}));
  BV_TRY(tool("", "ip", {"link", "add", "br0", "type", "bridge", "stp_state", "0", "forward_delay", "0"}));
  BV_TRY(tool("", "ip", {"addr", "add", network + "1/24", "dev", "br0"}));
  BV_TRY(tool("", "ip", {"link", "set", "br0", "up"}));
  for (std::size_t i = 0; i < names_.size(); ++i) BV_TRY(add_node(i));
  return {};
}

result<void> network_lab::add_node(std::size_t node) {
  const auto& name = names_[node];
  const auto there = path_of(name);
  const auto plug = plug_of(node);
  BV_TRY(tool("", "ip", {"netns", "add", prefix_ + name}));
  if (netem_) {
    BV_TRY(tool("", "ip", {"link", "add", plug, "type", "veth", "peer", "name", "eth0", "netns", prefix_ + name}));
  } else {
    BV_ASSIGN(auto wire, delayed_wire::make({there, "eth0"}, {path_of(hub), plug}, node));
    wires_.push_back(std::move(wire));
  }
  BV_TRY(tool("", "ip", {"link", "set", plug, "master", "br0", "up"}));
  BV_TRY(tool(there, "ip", {"addr", "add", host_of(node) + "/24", "dev", "eth0"}));
  BV_TRY(tool(there, "ip", {"link", "set", "eth0", "up"}));
  BV_TRY(tool(there, "ip", {"link", "set", "lo", "up"}));
  BV_TRY(tool(there, "nft", {"add table inet chaos; add chain inet chaos in { type filter hook input priority 0; }"}));
  return {};
}

std::vector<processes::node_place> network_lab::places() const {
  std::vector<processes::node_place> all;
  for (std::size_t i = 0; i < names_.size(); ++i) all.push_back({host_of(i), http_port, cluster_port, path_of(names_[i])});
  return all;
}

/// Where it arrives, since a rule on the way out would make the sender's kernel tell it so.
result<void> network_lab::drop(std::size_t at, std::size_t from) {
  cut_[at] = true;
  return tool(path_of(names_[at]), "nft", {"add rule inet chaos in ip saddr " + host_of(from) + " drop"});
}

result<void> network_lab::cut(std::size_t node, direction which) {
  for (std::size_t other = 0; other < names_.size(); ++other) {
    if (other == node) continue;
    if (which != direction::outbound) BV_TRY(drop(node, other));
    if (which != direction::inbound) BV_TRY(drop(other, node));
  }
  return {};
}

result<void> network_lab::lose(std::size_t node, unsigned percent) {
  slow_[node] = true;
  if (!netem_) {
    wires_[node].lose(percent);
    return {};
  }
  const auto share = std::to_string(percent) + "%";
  BV_TRY(tool("", "tc", {"qdisc", "replace", "dev", plug_of(node), "root", "netem", "loss", share}));
  return tool(path_of(names_[node]), "tc", {"qdisc", "replace", "dev", "eth0", "root", "netem", "loss", share});
}

result<void> network_lab::delay(std::size_t node, std::chrono::milliseconds by) {
  slow_[node] = true;
  if (!netem_) {
    wires_[node].delay(by);
    return {};
  }
  return tool(path_of(names_[node]), "tc", {"qdisc", "replace", "dev", "eth0", "root", "netem", "delay", std::to_string(by.count()) + "ms"});
}

result<void> network_lab::quicken(std::size_t node) {
  if (!netem_) {
    wires_[node].lose(0);
    wires_[node].delay(std::chrono::milliseconds(0));
    return {};
  }
  // Not "del": the clients' end has none if the node was only delayed.
  BV_TRY(tool("", "tc", {"qdisc", "replace", "dev", plug_of(node), "root", "netem"}));
  return tool(path_of(names_[node]), "tc", {"qdisc", "replace", "dev", "eth0", "root", "netem"});
}

result<void> network_lab::heal() {
  for (std::size_t node = 0; node < names_.size(); ++node) {
    const auto there = path_of(names_[node]);
    if (cut_[node]) BV_TRY(tool(there, "nft", {"flush chain inet chaos in"}));
    cut_[node] = false;
    if (slow_[node]) BV_TRY(quicken(node));
    slow_[node] = false;
  }
  return {};
}

std::string network_lab::slows_by() const {
  return netem_ ? "tc netem" : "wires of this program's own: the kernel has no tc netem";
}

}  // namespace bv::chaos
