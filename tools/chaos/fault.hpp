#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/schema/base/time.hpp"

namespace bv::chaos {

enum class fault_kind {
  kill,       ///< kill -9 of a node that leads a certain shard; later it is started again
  pause,      ///< SIGSTOP, SIGCONT
  partition,  ///< a node and the others hear nothing of each other
  one_way,    ///< … in one direction
  loss,       ///< 20 % of a node's frames are lost
  delay,      ///< what a node sends comes 200 ms later
  disk_full   ///< no room where a node has its data; with room again it is restarted
};

inline constexpr std::array<std::string_view, 7> fault_names{"kill", "pause", "partition", "one-way", "loss", "delay", "disk-full"};
inline constexpr std::string_view name_of(fault_kind kind) { return fault_names[static_cast<std::size_t>(kind)]; }
std::optional<fault_kind> fault_named(std::string_view name);
/// Whether it needs a network lab.
constexpr bool is_of_network(fault_kind kind) {
  return kind == fault_kind::partition || kind == fault_kind::one_way || kind == fault_kind::loss || kind == fault_kind::delay;
}

inline constexpr unsigned loss_percent = 20;
inline constexpr std::chrono::milliseconds delay_by{200};

/// What the seed says of a fault before it strikes.
struct planned_fault {
  fault_kind kind{};
  std::chrono::milliseconds after{};  ///< since all was well
  std::chrono::milliseconds lasts{};
  std::size_t node = 0;      ///< that it strikes; a kill: if nobody is known to lead the shard
  std::uint16_t shard = 0;   ///< a kill strikes who leads it
  bool inbound = false;      ///< one-way: what the node would hear is lost, otherwise what it says
  friend bool operator==(const planned_fault&, const planned_fault&) = default;
};

/// What came of it.
struct struck_fault {
  planned_fault planned;
  std::string victim;
  std::vector<std::uint16_t> led;  ///< shards that it led
  timestamp struck, undone, well;  ///< well: all nodes served again; 0: they did not in time
};

}  // namespace bv::chaos
