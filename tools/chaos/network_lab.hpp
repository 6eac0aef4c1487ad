#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "protocols/schema/base/result.hpp"
#include "tools/chaos/delayed_wire.hpp"
#include "tools/processes/process_cluster.hpp"

namespace bv::chaos {

/// Which frames of a node are lost.
enum class direction { both, inbound, outbound };

/// A network of its own for each node, joined by a bridge in one more, where the clients are:
///
///            bvchaos-PID-hub                    bvchaos-PID-a
///   clients ── br0 10.77.0.1 ── a ═════════════ eth0 10.77.0.11
///                            └─ b ═════════════ …
///
/// All of it, mounts too, is seen by this process and its children alone and is gone with them, whatever ends them: make() gives the
/// calling thread a mount namespace of its own, in which the others get their names, and moves it to the hub. So it must be called
/// before any other thread is there.
///
/// Wires are veth pairs, and slow or lossy by `tc netem`. A kernel without that gets wires that this process carries the frames over
/// (delayed_wire.hpp).
class network_lab {
 public:
  /// Errors: `needs_root`; `network_failed`, with what the tool said that failed (ip, nft: is it installed?).
  static result<network_lab> make(const std::vector<std::string>& names);
  network_lab(network_lab&&) noexcept;
  ~network_lab();

  [[nodiscard]] std::vector<processes::node_place> places() const;
  /// Between a node and the other nodes; clients go on reaching all.
  result<void> cut(std::size_t node, direction which);
  /// Of what a node sends and of what it receives, so much is lost, on its way to or from anybody.
  result<void> lose(std::size_t node, unsigned percent);
  /// What a node sends, to anybody, comes that much later.
  result<void> delay(std::size_t node, std::chrono::milliseconds by);
  /// All wires are as new.
  result<void> heal();
  /// "tc netem", or what stands in for it.
  [[nodiscard]] std::string slows_by() const;

 private:
  network_lab() = default;
  result<void> build();
  result<void> add_node(std::size_t node);
  result<void> quicken(std::size_t node);
  result<void> drop(std::size_t at, std::size_t from);
  [[nodiscard]] std::string path_of(const std::string& name) const { return "/run/netns/" + prefix_ + name; }

  std::string prefix_;
  std::vector<std::string> names_;
  bool netem_ = false;
  std::vector<bool> cut_, slow_;     ///< by node: rules keep frames from it; its wire is not as new
  std::vector<delayed_wire> wires_;  ///< by node, without netem
};

/// Why this process can't make a network lab; nothing: it can. Made to be asked before anything is begun.
result<void> can_make_networks();

}  // namespace bv::chaos
