#pragma once

#include <string_view>

/// What the nodes of a cluster may break among themselves: the world sees it as it happens, and tells the checkers of these
/// names.
namespace bv::sim::breach {

inline constexpr std::string_view replicas_agree = "replicas_agree";
inline constexpr std::string_view commits_are_safe = "commits_are_safe";
inline constexpr std::string_view promises_kept = "promises_kept";
inline constexpr std::string_view one_leader_a_term = "one_leader_a_term";

}  // namespace bv::sim::breach
